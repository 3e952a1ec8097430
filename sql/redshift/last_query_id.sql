-- Redshift's number of this session's last query; -1: it ran on the leader node alone.
SELECT pg_catalog.pg_last_query_id()
