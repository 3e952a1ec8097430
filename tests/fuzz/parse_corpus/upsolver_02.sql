ALTER REDSHIFT CONNECTION my_redshift_connection
    SET CONNECTION_STRING = 'jdbc:redshift://<host_name>:5439/<database_name>';
