-- Where the columns of the table with oid $1 are, and which may not be null: for the column metadata of a result.
SELECT n.nspname, c.relname, a.attnum, a.attnotnull
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.oid = $1 AND a.attnum > 0
