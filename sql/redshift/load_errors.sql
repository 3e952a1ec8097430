-- What the last COPY of this session could not load: one row more than is shown. pg_last_copy_id() also knows a COPY
-- that failed, unless it was rolled back with its transaction.
SELECT trim(filename), line_number, trim(colname), trim(type), trim(raw_field_value), err_code, trim(err_reason)
FROM stl_load_errors
WHERE query = pg_last_copy_id()
ORDER BY filename, line_number
LIMIT 6
