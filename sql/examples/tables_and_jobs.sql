-- What depends on a connection: tables and jobs. The connection cannot be dropped before them.
-- Run it with: berth -f sql/examples/tables_and_jobs.sql --set HOST=.. --set PORT=5439 --set DATABASE=dev --set USER_NAME=..

CREATE REDSHIFT CONNECTION warehouse
    CONNECTION_STRING = 'jdbc:redshift://${HOST}:${PORT}/${DATABASE}?ssl=false'
    USER_NAME = '${USER_NAME}'
    PASSWORD = ENV 'WAREHOUSE_PASSWORD';

-- With the connection's name in front, a table is made there and recorded.
EXECUTE ON CONNECTION warehouse AS $$ CREATE SCHEMA shop $$;
CREATE TABLE warehouse.shop.orders (id INT, customer VARCHAR(40), amount DECIMAL(10, 2));
CREATE TABLE IF NOT EXISTS warehouse.shop.revenue (customer VARCHAR(40), amount DECIMAL(38, 2));

-- A table that is there already is recorded by ATTACH.
EXECUTE ON CONNECTION warehouse AS $$ CREATE TABLE shop.customers (name VARCHAR(40)) $$;
ATTACH TABLE warehouse.shop.customers;

-- A job depends on the connection through the tables that its body names.
CREATE JOB revenue_by_customer
    COMMENT = 'Sums up the orders'
AS INSERT INTO REDSHIFT warehouse.shop.revenue
   SELECT o.customer, SUM(o.amount)
   FROM warehouse.shop.orders o JOIN warehouse.shop.customers c ON c.name = o.customer
   GROUP BY 1;

-- A script names its connection.
CREATE OR REPLACE SYNC JOB clean_up CONNECTION = warehouse AS $$
    DELETE FROM shop.orders WHERE amount = 0;
    ANALYZE shop.orders;
$$;

-- A job that lives elsewhere counts as well.
ATTACH JOB 'airflow:daily_orders' USING CONNECTION warehouse;

SHOW JOBS;
SHOW CREATE JOB revenue_by_customer;
SHOW DEPENDENTS OF CONNECTION warehouse;

-- First what depends on it, then the connection itself.
DETACH JOB 'airflow:daily_orders';
DROP JOB clean_up;
DROP JOB revenue_by_customer;
DETACH TABLE warehouse.shop.customers;
DROP TABLE warehouse.shop.revenue;
DROP TABLE warehouse.shop.orders;
DROP CONNECTION warehouse;
