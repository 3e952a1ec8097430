-- The sessions of the current user on Redshift: process, application, address, database, since, state. The server keeps
-- application and address in stl_connection_log, which only superusers may read.
SELECT process, NULL::varchar, NULL::varchar, trim(db_name), starttime, NULL::varchar
FROM stv_sessions
WHERE trim(user_name) = current_user
ORDER BY starttime, process
