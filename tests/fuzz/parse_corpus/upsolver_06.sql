create redshift connection "Mixed Case" -- the warehouse
    connection_string = 'jdbc:redshift://h:5439/d' -- where
    user_name = 'u' /* who */
    password = 'p'; -- done
