-- What \d, \dt, \dv .. list: relations of the kinds in $1. $2 and $3: regular expressions for schema and name, empty for any;
-- $4: 't' for those that are found without their schema's name; $5: 't' to leave out the system's own. Valid on Redshift
-- (8.0) and PostgreSQL.
SELECT n.nspname AS "Schema",
       c.relname AS "Name",
       CASE c.relkind
           WHEN 'r' THEN 'table'
           WHEN 'v' THEN 'view'
           WHEN 'm' THEN 'materialized view'
           WHEN 'i' THEN 'index'
           WHEN 'S' THEN 'sequence'
           WHEN 't' THEN 'TOAST table'
           WHEN 'f' THEN 'foreign table'
           WHEN 'p' THEN 'partitioned table'
           WHEN 'I' THEN 'partitioned index'
       END AS "Type",
       pg_catalog.pg_get_userbyid(c.relowner) AS "Owner"
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE position(c.relkind::text IN $1::text) > 0
  AND ($2::text = '' OR n.nspname::text ~ $2::text)
  AND ($3::text = '' OR c.relname::text ~ $3::text)
  AND ($4::text <> 't' OR pg_catalog.pg_table_is_visible(c.oid))
  AND ($5::text <> 't' OR (n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema'))
ORDER BY 1, 2
