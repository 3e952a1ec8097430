-- How many rows the last COPY of this session has loaded. Redshift alone.
SELECT pg_catalog.pg_last_copy_count()
