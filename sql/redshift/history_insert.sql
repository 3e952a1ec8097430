-- version, description, type, script, checksum, part, installed_by, installed_on, execution_time, success, statements
-- started, statements done, rank. The lock is held, so no other row gets this rank.
INSERT INTO {history}
VALUES (CAST($13 AS INTEGER), CAST($1 AS VARCHAR(50)), CAST($2 AS VARCHAR(200)), CAST($3 AS VARCHAR(20)),
        CAST($4 AS VARCHAR(1000)), CAST($5 AS VARCHAR(64)), CAST($6 AS INTEGER), CAST($7 AS VARCHAR(256)),
        CAST($8 AS TIMESTAMP), CAST($9 AS INTEGER), CAST($10 AS BOOLEAN), CAST($11 AS INTEGER), CAST($12 AS INTEGER))
