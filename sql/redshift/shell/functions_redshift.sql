-- What \df lists, on Redshift. Parameters as in functions.sql.
SELECT n.nspname AS "Schema",
       p.proname AS "Name",
       pg_catalog.format_type(p.prorettype, NULL) AS "Result data type",
       pg_catalog.oidvectortypes(p.proargtypes) AS "Argument data types",
       CASE WHEN p.proisagg THEN 'agg' ELSE 'func' END AS "Type"
FROM pg_catalog.pg_proc p
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE ($1::text = '' OR n.nspname::text ~ $1::text)
  AND ($2::text = '' OR p.proname::text ~ $2::text)
  AND ($3::text <> 't' OR pg_catalog.pg_function_is_visible(p.oid))
  AND ($4::text <> 't' OR (n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'))
ORDER BY 1, 2, 4
