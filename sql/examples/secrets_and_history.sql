-- A password under a name, what a change would do, a change that is tried first, and who changed what.
-- Run it with: berth -f sql/examples/secrets_and_history.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

-- Where the password comes from is said once; connections share it.
CREATE SECRET warehouse_password AS ENV 'WAREHOUSE_PASSWORD';

CREATE REDSHIFT CONNECTION etl
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = SECRET warehouse_password
    WITH (VALIDATE = TRUE);
SHOW SECRETS;

-- What would happen if ..
EXPLAIN DROP CONNECTION etl;
EXPLAIN DROP SECRET warehouse_password;
EXPLAIN ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 3;

-- All or nothing: the login is tried with the new definition.
ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 3 WITH (VALIDATE = TRUE);

SHOW HISTORY OF CONNECTION etl;
SELECT changed_at, unix_user, program, action, options
FROM system.information_schema.connection_history
WHERE object_name = 'etl';

-- A password that is stored in its connection is rotated with: ALTER REDSHIFT CONNECTION etl ROTATE PASSWORD;
