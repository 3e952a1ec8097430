-- One row if the external table $2 is in the external schema $1 (Redshift only: such tables are not in pg_class).
SELECT 1 FROM svv_external_tables WHERE schemaname = $1 AND tablename = $2
