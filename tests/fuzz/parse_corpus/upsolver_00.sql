CREATE REDSHIFT CONNECTION my_redshift_connection
    CONNECTION_STRING = 'jdbc:redshift://<host_name>:<port>/<database_name>'
    USER_NAME = 'your username'
    PASSWORD = 'your password';
