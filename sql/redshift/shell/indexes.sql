-- The indexes of relation $1: name, primary, unique, a constraint's, definition. Valid on Redshift (8.0), where there are none,
-- and on PostgreSQL.
SELECT c.relname,
       i.indisprimary,
       i.indisunique,
       k.conname IS NOT NULL,
       pg_catalog.pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_constraint k
    ON k.conrelid = i.indrelid AND k.connamespace = c.relnamespace AND k.conname = c.relname AND k.contype IN ('p', 'u')
WHERE i.indrelid = $1::oid
ORDER BY i.indisprimary DESC, c.relname
