-- Berth in one script: the life of a Redshift connection, told on real data.
--
--   ./dev demo                      runs it on a private PostgreSQL server, the stand-in for a cluster
--
-- On a cluster of your own (first take "?ssl=false" out of the URLs below):
--
--   export WAREHOUSE_PASSWORD=...
--   berth -e --on-error continue -f sql/quickstart.sql \
--         --set HOST=examplecluster.abc123.us-west-2.redshift.amazonaws.com --set PORT=5439 \
--         --set USER_NAME=awsuser --set DATABASE=dev --set OTHER_DATABASE=sales
--
-- Exactly one statement fails, on purpose: a connection that is in use refuses to be dropped.


-- 1. A connection ----------------------------------------------------------------------------------------------------

-- The short form says where, who, and with what password; everything else has a default. No session is opened before
-- one is needed, so that a password of no server will do here. In the catalog it is sealed, and nothing ever shows it.
-- A connection names one database: it stands at the end of the URL. "?ssl=false" is only for the demo's server, which
-- has no certificate and listens on this machine alone; without it Berth insists on TLS with a certificate that it can
-- verify, as every Redshift cluster has.
CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = 'your password';

SHOW CONNECTIONS;

-- Nothing depends on it yet, so it can go.
DROP CONNECTION my_redshift_connection;

-- The full form also limits how many sessions may be open at the server at once. This time the password is not in the
-- statement: it is read from the environment whenever a session is opened, and the catalog never holds it.
CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD'
    MAX_CONCURRENT_CONNECTIONS = 5
    COMMENT = 'My new Redshift connection';

SHOW CONNECTIONS;
SHOW CREATE CONNECTION my_redshift_connection;


-- 2. A table, and data in it -----------------------------------------------------------------------------------------

-- What is not Berth's own goes to the connection in use, byte for byte.
USE CONNECTION my_redshift_connection;

CREATE SCHEMA demo;

-- With the connection's name in front, the table is made there and recorded as a dependent of the connection.
CREATE TABLE my_redshift_connection.demo.green_201601 (
    vendorid              VARCHAR(4),
    pickup_datetime       TIMESTAMP,
    dropoff_datetime      TIMESTAMP,
    store_and_fwd_flag    VARCHAR(1),
    ratecode              INT,
    pickup_longitude      FLOAT4,
    pickup_latitude       FLOAT4,
    dropoff_longitude     FLOAT4,
    dropoff_latitude      FLOAT4,
    passenger_count       INT,
    trip_distance         FLOAT4,
    fare_amount           FLOAT4,
    extra                 FLOAT4,
    mta_tax               FLOAT4,
    tip_amount            FLOAT4,
    tolls_amount          FLOAT4,
    ehail_fee             FLOAT4,
    improvement_surcharge FLOAT4,
    total_amount          FLOAT4,
    payment_type          VARCHAR(4),
    trip_type             VARCHAR(4)
);

-- 5,000 taxi trips of January 2016, made from nothing but digits: four of them crossed give the numbers 0 to 4999, and
-- each trip is worked out from its number. Runs on Redshift (which has no generate_series for tables) and on PostgreSQL.
INSERT INTO demo.green_201601
WITH digits AS (
    SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL
    SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
numbers AS (
    SELECT ones.d + 10 * tens.d + 100 * hundreds.d + 1000 * thousands.d AS n
    FROM digits ones CROSS JOIN digits tens CROSS JOIN digits hundreds CROSS JOIN digits thousands
    WHERE thousands.d < 5
),
trips AS (
    SELECT n,
           '2016-01-' || LPAD(CAST(1 + n % 31 AS VARCHAR(2)), 2, '0') AS day,
           (n * 7) % 1380 AS pickup_minute,                             -- of the day: until 22:59
           2 + ((n * 37) % 1500) / 27 AS minutes,                       -- 2 to 57: the trip ends the same day
           CAST((n * 37) % 1500 AS FLOAT4) / 100 AS miles,              -- 0.00 to 14.99
           CASE WHEN n % 50 = 7 THEN 2                                  -- JFK
                WHEN n % 250 = 11 THEN 3                                -- Newark
                WHEN n % 125 = 13 THEN 4                                -- Nassau or Westchester
                WHEN n % 20 = 17 THEN 5                                 -- negotiated fare
                WHEN n % 500 = 19 THEN 6                                -- group ride
                ELSE 1 END AS ratecode,                                 -- standard rate
           CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END AS tips
    FROM numbers
),
fares AS (
    SELECT n, day, pickup_minute, pickup_minute + minutes AS dropoff_minute, miles, ratecode, tips,
           CASE WHEN ratecode = 2 THEN 52.0 ELSE 2.5 + 2.5 * miles END AS fare,
           CASE WHEN pickup_minute >= 1200 THEN 0.5 ELSE 0.0 END AS extra,
           CASE WHEN ratecode = 3 THEN 12.5 ELSE 0.0 END AS tolls
    FROM trips
)
SELECT CASE WHEN n % 5 = 0 THEN '1' ELSE '2' END,
       CAST(day || ' ' || LPAD(CAST(pickup_minute / 60 AS VARCHAR(2)), 2, '0') || ':' ||
            LPAD(CAST(pickup_minute % 60 AS VARCHAR(2)), 2, '0') || ':00' AS TIMESTAMP),
       CAST(day || ' ' || LPAD(CAST(dropoff_minute / 60 AS VARCHAR(2)), 2, '0') || ':' ||
            LPAD(CAST(dropoff_minute % 60 AS VARCHAR(2)), 2, '0') || ':00' AS TIMESTAMP),
       CASE WHEN n % 200 = 0 THEN 'Y' ELSE 'N' END,
       ratecode,
       -73.98 + CAST((n * 13) % 160 AS FLOAT4) / 1000,
       40.66 + CAST((n * 17) % 180 AS FLOAT4) / 1000,
       -73.98 + CAST((n * 29) % 160 AS FLOAT4) / 1000,
       40.66 + CAST((n * 31) % 180 AS FLOAT4) / 1000,
       1 + n % 6,
       miles,
       fare,
       extra,
       0.5,
       tips * 0.2 * fare,
       tolls,
       CAST(NULL AS FLOAT4),
       0.3,
       fare + extra + 0.5 + tips * 0.2 * fare + tolls + 0.3,
       CASE WHEN tips = 1 THEN '1' ELSE '2' END,
       CASE WHEN ratecode = 5 THEN '2' ELSE '1' END
FROM fares;

-- How many long trips did each rate have?
SELECT ratecode, COUNT(*) FROM demo.green_201601 WHERE trip_distance > 5 GROUP BY 1 ORDER BY 1;


-- 3. A job on the table ----------------------------------------------------------------------------------------------

CREATE TABLE my_redshift_connection.demo.green_by_ratecode (ratecode INT, trips BIGINT);

-- A job is remembered with the tables that its body names; they are the reason why it depends on the connection.
CREATE JOB long_trips_by_ratecode
    COMMENT = 'Counts the long trips of each rate'
    AS INSERT INTO REDSHIFT my_redshift_connection.demo.green_by_ratecode
       SELECT ratecode, COUNT(*)
       FROM my_redshift_connection.demo.green_201601
       WHERE trip_distance > 5
       GROUP BY 1;

SHOW JOBS;
SHOW DEPENDENTS OF CONNECTION my_redshift_connection;

-- The one statement that fails: tables and a job need the connection, so it stays.
DROP CONNECTION my_redshift_connection;


-- 4. Another database, and back --------------------------------------------------------------------------------------

-- Only the URL changes; user, password, limit, comment and dependents stay. Sessions opened from now on go there.
ALTER REDSHIFT CONNECTION my_redshift_connection
    SET CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${OTHER_DATABASE}?ssl=false';

SELECT current_database();

ALTER REDSHIFT CONNECTION my_redshift_connection
    SET CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false';

SELECT current_database();


-- 5. Farewell --------------------------------------------------------------------------------------------------------

-- First what depends on the connection, then the connection itself.
DROP JOB long_trips_by_ratecode;
DROP TABLE my_redshift_connection.demo.green_by_ratecode;
DROP TABLE my_redshift_connection.demo.green_201601;
DROP SCHEMA demo;

DROP CONNECTION my_redshift_connection;

SHOW CONNECTIONS;
