CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://<host_name>:5439/<database_name>'
    USER_NAME = 'your username'
    PASSWORD = 'your password'
    MAX_CONCURRENT_CONNECTIONS = 10
    COMMENT = 'My new Redshift connection';
