CREATE SYNC JOB load_orders
    START_FROM = BEGINNING
    RUN_INTERVAL = 1 MINUTE
    SKIP_VALIDATIONS = ('MISSING_COLUMN', 'ALL')
    COMPUTE_CLUSTER = "My Cluster"
AS INSERT INTO REDSHIFT my_redshift_connection.public.orders MAP_COLUMNS_BY_NAME
    SELECT * FROM catalog.raw.orders WHERE $event_time BETWEEN run_start_time() AND run_end_time();
