-- Changing a connection: the rest of its definition stays as it is.
-- Run it with: berth -f sql/examples/alter_connection.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev
--              --set OTHER_DATABASE=sales --set USER_NAME=..

CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD';

USE CONNECTION my_redshift_connection;
SELECT current_database();

-- Another database.
ALTER REDSHIFT CONNECTION my_redshift_connection
    SET CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${OTHER_DATABASE}?ssl=false';
SELECT current_database();

-- Several options at once: all of them, or none.
ALTER REDSHIFT CONNECTION my_redshift_connection
    SET MAX_CONCURRENT_CONNECTIONS = 3
    SET COMMENT = 'a small one';
ALTER REDSHIFT CONNECTION my_redshift_connection SET USER_NAME = '${USER_NAME}', PASSWORD = ENV 'WAREHOUSE_PASSWORD';

-- Back to the defaults.
ALTER REDSHIFT CONNECTION my_redshift_connection UNSET MAX_CONCURRENT_CONNECTIONS, COMMENT;

-- Another name; what depends on the connection stays with it.
ALTER REDSHIFT CONNECTION my_redshift_connection RENAME TO warehouse;

-- A whole new definition under the same name: what is not given goes to its default.
CREATE OR REPLACE REDSHIFT CONNECTION warehouse
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD';

DROP CONNECTION warehouse;
DROP CONNECTION IF EXISTS warehouse;
