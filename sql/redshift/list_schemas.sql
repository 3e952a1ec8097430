-- ListSchemas: of those like $1 the page after $2. The server's own scratch schemas are nobody's.
SELECT nspname
FROM pg_catalog.pg_namespace
WHERE nspname LIKE $1
  AND nspname > $2
  AND substr(nspname::text, 1, 8) NOT IN ('pg_temp_', 'pg_toast')
ORDER BY nspname
LIMIT 1001
