-- Jobs that run: now, by RUN JOB, and when they are due, where berth serve or berth jobs run is at work.
-- Run it with: berth -f sql/examples/jobs.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

CREATE REDSHIFT CONNECTION warehouse
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD';
EXECUTE ON CONNECTION warehouse AS $$ CREATE SCHEMA trips $$;
CREATE TABLE warehouse.trips.arrived (zone VARCHAR(10), miles REAL, raw VARCHAR(100));
CREATE TABLE warehouse.trips.loaded (miles REAL, zone VARCHAR(10));
EXECUTE ON CONNECTION warehouse AS $$ INSERT INTO trips.arrived VALUES ('north', 2.5, '..'), ('south', 1.0, '..') $$;

-- Each column of the query goes into the column of its name.
CREATE SYNC JOB load_trips
    SCHEDULE = '*/15 6-22 * * *'  TIME_ZONE = 'Europe/Berlin'
    RETRIES = 3  RETRY_DELAY = 1 MINUTE
AS INSERT INTO REDSHIFT warehouse.trips.loaded MAP_COLUMNS_BY_NAME EXCEPT raw SELECT * FROM warehouse.trips.arrived;

-- A script is one transaction. This one waits for load_trips, because it reads what that writes.
CREATE SYNC JOB sum_trips CONNECTION = warehouse RUN_INTERVAL = 1 HOUR RUN_TIMEOUT = 10 MINUTES AS $$
    DROP TABLE IF EXISTS trips.sums;
    CREATE TABLE trips.sums AS SELECT zone, SUM(miles) AS miles FROM trips.loaded GROUP BY 1;
$$;

RUN JOB load_trips;
RUN JOB sum_trips TIMEOUT 1 MINUTE;
SHOW JOB RUNS;

-- Its schedule rests; what is due meanwhile is not wanted.
PAUSE JOB load_trips;
SHOW JOBS;
RESUME JOB load_trips;
ALTER JOB load_trips SET SCHEDULE = '0 6 * * MON-FRI';

DROP JOB sum_trips;
DROP JOB load_trips;
DROP TABLE warehouse.trips.loaded;
DROP TABLE warehouse.trips.arrived;
DROP CONNECTION warehouse;
