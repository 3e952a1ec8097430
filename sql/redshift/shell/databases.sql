-- What \l lists. $1: a regular expression for the name, empty for any. Valid on Redshift (8.0) and PostgreSQL.
SELECT d.datname AS "Name",
       pg_catalog.pg_get_userbyid(d.datdba) AS "Owner",
       pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding",
       array_to_string(d.datacl, '
') AS "Access privileges"
FROM pg_catalog.pg_database d
WHERE $1::text = '' OR d.datname::text ~ $1::text
ORDER BY 1
