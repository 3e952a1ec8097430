-- The name of type $1 with its modifier $2. Valid on Redshift (8.0) and PostgreSQL.
SELECT pg_catalog.format_type($1::oid, $2::integer)
