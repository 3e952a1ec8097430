-- How many rows the last UNLOAD of this session has written. Redshift alone.
SELECT pg_catalog.pg_last_unload_count()
