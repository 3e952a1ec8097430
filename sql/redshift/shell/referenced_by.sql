-- The foreign keys that point at relation $1: their table, name and definition. Valid on Redshift (8.0) and PostgreSQL.
SELECT conrelid::regclass, conname, pg_catalog.pg_get_constraintdef(oid, true)
FROM pg_catalog.pg_constraint
WHERE confrelid = $1::oid AND contype = 'f'
ORDER BY conname
