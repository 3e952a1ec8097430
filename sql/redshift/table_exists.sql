-- One row if the table, view or partitioned table $2 is in schema $1. Valid on Redshift (8.0) and PostgreSQL.
SELECT 1
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
