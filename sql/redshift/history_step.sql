-- A step of a file without a transaction: row $1 goes from $2 started and $3 done to $4 and $5. No row: somebody else
-- is at it.
UPDATE {history}
SET statements_started = CAST($4 AS INTEGER), statements_done = CAST($5 AS INTEGER)
WHERE installed_rank = CAST($1 AS INTEGER) AND success = FALSE
  AND statements_started = CAST($2 AS INTEGER) AND statements_done = CAST($3 AS INTEGER)
