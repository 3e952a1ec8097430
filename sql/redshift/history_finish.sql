-- Row $1, a file without a transaction, is done; it took $2 milliseconds.
UPDATE {history}
SET success = TRUE, execution_time = CAST($2 AS INTEGER)
WHERE installed_rank = CAST($1 AS INTEGER) AND success = FALSE
