ALTER redshift CONNECTION x
SET user_name = 'u'
SET password = 'p'
