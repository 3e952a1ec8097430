-- All rows of the history, in the order in which they were added.
SELECT installed_rank, version, description, type, script, checksum, part, installed_by, installed_on, execution_time,
       CASE WHEN success THEN 1 ELSE 0 END, statements_started, statements_done
FROM {history}
ORDER BY installed_rank
