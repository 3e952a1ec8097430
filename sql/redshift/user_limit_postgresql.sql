-- The current user's CONNECTION LIMIT on a PostgreSQL server; -1: none.
SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = current_user
