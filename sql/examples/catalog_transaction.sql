-- Several changes of the catalog as one: all of them, or none. Without a connection in use, BEGIN is the catalog's.
-- Run it with: berth -f sql/examples/catalog_transaction.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

BEGIN;
CREATE REDSHIFT CONNECTION staging
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD';
CREATE JOB refresh CONNECTION = staging AS SELECT 1;
COMMIT;

BEGIN;
DROP CONNECTION staging CASCADE;
ROLLBACK;

SHOW DEPENDENTS OF CONNECTION staging;

-- With a connection in use, BEGIN is the warehouse's.
USE CONNECTION staging;
BEGIN;
CREATE TEMPORARY TABLE numbers (n INT);
INSERT INTO numbers VALUES (1), (2), (3);
SELECT SUM(n) FROM numbers;
ROLLBACK;
