-- Schema, table, name, type, place and "may be null" of every column of tables and views, but for the system's. Valid on
-- Redshift (8.0) and PostgreSQL.
SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnum,
       CASE WHEN a.attnotnull THEN 'f' ELSE 't' END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_internal')
ORDER BY n.nspname, c.relname, a.attnum
