-- Redshift connections: where, who, with what password, and how many sessions at most.
-- Run it with: berth -f sql/examples/create_connection.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

-- The short form. "?ssl=false" is for a server without a certificate, as the tests have: leave it out for a cluster.
CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = 'your password';

-- The full form. The password is read from the environment whenever a session is opened.
CREATE REDSHIFT CONNECTION limited_connection
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD'
    MAX_CONCURRENT_CONNECTIONS = 5
    COMMENT = 'My new Redshift connection';

-- Or from a file that only its owner can read.
CREATE REDSHIFT CONNECTION IF NOT EXISTS from_file
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false&ApplicationName=nightly%20load'
    USER_NAME = '${USER_NAME}'
    PASSWORD = FILE '/run/secrets/warehouse';

-- What is there, and how it could be made again. Passwords are never shown.
SHOW CONNECTIONS;
SHOW CONNECTIONS LIKE 'limited%';
SHOW CREATE CONNECTION limited_connection;
SHOW CONNECTION OPTIONS;

-- Everything that is not Berth's own goes to the connection in use.
USE CONNECTION limited_connection;
SELECT current_database(), current_user;
