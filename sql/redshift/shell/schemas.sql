-- What \dn lists. $1: a regular expression for the name, empty for any; $2: 't' to leave out the system's own. Valid on
-- Redshift (8.0) and PostgreSQL.
SELECT n.nspname AS "Name", pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner"
FROM pg_catalog.pg_namespace n
WHERE ($1::text = '' OR n.nspname::text ~ $1::text)
  AND ($2::text <> 't' OR (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'))
ORDER BY 1
