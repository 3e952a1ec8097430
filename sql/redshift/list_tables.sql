-- ListTables: of those in schemas like $1 and with names like $2 the page after schema $3 and table $4.
SELECT n.nspname, c.relname,
       CASE WHEN n.nspname IN ('pg_catalog', 'information_schema', 'pg_internal')
            THEN CASE WHEN c.relkind = 'v' THEN 'SYSTEM VIEW' ELSE 'SYSTEM TABLE' END
            WHEN c.relkind IN ('v', 'm') THEN 'VIEW'
            ELSE 'TABLE' END AS table_type
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND n.nspname LIKE $1
  AND c.relname LIKE $2
  AND substr(n.nspname::text, 1, 8) NOT IN ('pg_temp_', 'pg_toast')
  AND (n.nspname > $3 OR (n.nspname = $3 AND c.relname > $4))
ORDER BY n.nspname, c.relname
LIMIT 1001
