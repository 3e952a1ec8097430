ALTER REDSHIFT CONNECTION c unset comment, idle_timeout max_lifetime
