-- What \df lists, on PostgreSQL 11 and later. Parameters as in schemas.sql, with the schema's expression before them, and $3:
-- 't' for those that are found without their schema's name.
SELECT n.nspname AS "Schema",
       p.proname AS "Name",
       pg_catalog.pg_get_function_result(p.oid) AS "Result data type",
       pg_catalog.pg_get_function_arguments(p.oid) AS "Argument data types",
       CASE p.prokind
           WHEN 'a' THEN 'agg'
           WHEN 'w' THEN 'window'
           WHEN 'p' THEN 'proc'
           ELSE 'func'
       END AS "Type"
FROM pg_catalog.pg_proc p
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE ($1::text = '' OR n.nspname::text ~ $1::text)
  AND ($2::text = '' OR p.proname::text ~ $2::text)
  AND ($3::text <> 't' OR pg_catalog.pg_function_is_visible(p.oid))
  AND ($4::text <> 't' OR (n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'))
ORDER BY 1, 2, 4
