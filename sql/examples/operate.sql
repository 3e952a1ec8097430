-- Operating a connection: one cap for a cluster, times, a pause, and what is to be seen.
-- Run it with: berth -f sql/examples/operate.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

-- A cluster has one limit, a connection names one database of it.
CREATE CONNECTION GROUP cluster MAX_CONCURRENT_CONNECTIONS = 12 COMMENT = 'what we were given';

CREATE REDSHIFT CONNECTION etl
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD'
    MAX_CONCURRENT_CONNECTIONS = 10
    GROUP = cluster
    RESERVED = 4
    STATEMENT_TIMEOUT = '2h'
    ACQUIRE_TIMEOUT = 5 MINUTES
    IDLE_TIMEOUT = '90s';

SHOW CONNECTION GROUPS;
SHOW CREATE CONNECTION etl;

-- Altered while it is in use: sessions opened from now on follow.
ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 6;
ALTER CONNECTION GROUP cluster SET MAX_CONCURRENT_CONNECTIONS = 20;

USE CONNECTION etl;
SELECT 1;

-- Who holds what: this process's pool, and the slots of all processes. SHOW SESSIONS OF CONNECTION etl asks the server.
SHOW POOLS;
SHOW SLOTS OF CONNECTION etl;
SELECT connection, count(*) AS slots FROM system.information_schema.slots GROUP BY connection;

-- Maintenance: nothing new begins, what runs finishes.
PAUSE CONNECTION etl FOR 30 MINUTES REFUSE COMMENT 'resize of the cluster';
SELECT name, paused_by, paused_until, pause_comment FROM system.information_schema.connections WHERE state = 'paused';
RESUME CONNECTION etl;
SELECT 2;

DROP CONNECTION etl;
DROP CONNECTION GROUP cluster;
