DROP CONNECTION my_redshift_connection; 
