-- One row: who the server takes us for, and where. Valid on Redshift (8.0) and PostgreSQL.
SELECT current_user, current_database()
