-- What the type with oid $1 is called.
SELECT typname FROM pg_catalog.pg_type WHERE oid = $1
