-- What is known of part $2 of script $1: the last row counts.
SELECT installed_rank, type, checksum, CASE WHEN success THEN 1 ELSE 0 END, statements_started, statements_done
FROM {history}
WHERE script = $1 AND (part = CAST($2 AS INTEGER) OR type = 'DELETE')
ORDER BY installed_rank DESC
LIMIT 1
