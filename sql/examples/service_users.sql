-- Who may use which connection through the Data API (berth serve).
-- Run it with: berth -f sql/examples/service_users.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

CREATE REDSHIFT CONNECTION warehouse
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD'
    CLUSTER_IDENTIFIER = 'redshift-cluster-1';

CREATE SERVICE USER etl COMMENT = 'nightly loads';
GRANT USAGE ON CONNECTION warehouse TO SERVICE USER etl WITH (MAX_ACTIVE = 100, MAX_CONCURRENT = 3);

-- Shown this once: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the client.
CREATE ACCESS KEY FOR etl EXPIRES = 90 DAYS;

-- An administrator changes the catalog through the service as well (Database system).
CREATE SERVICE USER operator ADMIN = TRUE;

SHOW SERVICE USERS;
SHOW ACCESS KEYS FOR etl;
SHOW GRANTS ON CONNECTION warehouse;

-- A second key takes the place of the first; then the first one goes.
CREATE ACCESS KEY FOR etl COMMENT = 'from next week on';
SELECT access_key_id, state, last_used_at FROM system.information_schema.access_keys WHERE service_user = 'etl';

REVOKE USAGE ON CONNECTION warehouse FROM SERVICE USER etl;
DROP SERVICE USER operator;
