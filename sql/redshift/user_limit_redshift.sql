-- The current user's CONNECTION LIMIT on Redshift, a number or UNLIMITED; a user who may not read it gets an error or no
-- row.
SELECT useconnlimit FROM pg_user_info WHERE usename = current_user
