-- The constraints of kind $2 of relation $1: name and definition. Valid on Redshift (8.0) and PostgreSQL.
SELECT conname, pg_catalog.pg_get_constraintdef(oid, true)
FROM pg_catalog.pg_constraint
WHERE conrelid = $1::oid AND contype::text = $2::text
ORDER BY 1
