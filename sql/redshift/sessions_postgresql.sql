-- The sessions of the current user on a PostgreSQL server: process, application, address, database, since, state.
SELECT pid, application_name, client_addr, datname, backend_start, state
FROM pg_catalog.pg_stat_activity
WHERE usename = current_user AND backend_type = 'client backend'
ORDER BY backend_start, pid
