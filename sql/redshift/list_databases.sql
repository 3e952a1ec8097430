-- ListDatabases: the page of names after $1.
SELECT datname
FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate AND datname > $1
ORDER BY datname
LIMIT 1001
