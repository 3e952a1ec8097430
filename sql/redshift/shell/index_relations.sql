-- What \di lists: as relations.sql, with the table of each index. Valid on Redshift (8.0) and PostgreSQL.
SELECT n.nspname AS "Schema",
       c.relname AS "Name",
       CASE c.relkind WHEN 'i' THEN 'index' ELSE 'partitioned index' END AS "Type",
       pg_catalog.pg_get_userbyid(c.relowner) AS "Owner",
       t.relname AS "Table"
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE position(c.relkind::text IN $1::text) > 0
  AND ($2::text = '' OR n.nspname::text ~ $2::text)
  AND ($3::text = '' OR c.relname::text ~ $3::text)
  AND ($4::text <> 't' OR pg_catalog.pg_table_is_visible(c.oid))
  AND ($5::text <> 't' OR (n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema'))
ORDER BY 1, 2
