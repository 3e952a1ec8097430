-- The relations that \d NAME describes: number, schema, name, kind. Parameters as in relations.sql, from $1 on. Valid on
-- Redshift (8.0) and PostgreSQL.
SELECT c.oid, n.nspname, c.relname, c.relkind
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ($1::text = '' OR n.nspname::text ~ $1::text)
  AND ($2::text = '' OR c.relname::text ~ $2::text)
  AND ($3::text <> 't' OR pg_catalog.pg_table_is_visible(c.oid))
ORDER BY 2, 3
