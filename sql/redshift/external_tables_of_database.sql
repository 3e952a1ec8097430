-- Schema and name of every external table (Redshift only: such tables are not in pg_class).
SELECT schemaname, tablename FROM svv_external_tables
