-- DescribeTable: the columns of table $2 in schema $1 (empty: of any), the page after schema $3, table $4, column $5.
SELECT n.nspname, c.relname, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, t.typname,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS column_default
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND (n.nspname = $1 OR $1 = '')
  AND (c.relname = $2 OR $2 = '')
  AND substr(n.nspname::text, 1, 8) NOT IN ('pg_temp_', 'pg_toast')
  AND (n.nspname > $3 OR (n.nspname = $3 AND c.relname > $4) OR (n.nspname = $3 AND c.relname = $4 AND a.attnum > $5))
ORDER BY n.nspname, c.relname, a.attnum
LIMIT 1001
