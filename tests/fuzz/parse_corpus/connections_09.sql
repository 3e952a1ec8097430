CREATE REDSHIFT CONNECTION c COMMENT = 'it''s; -- not a comment /* nor this */ "x" \'
