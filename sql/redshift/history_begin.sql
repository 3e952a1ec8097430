-- One writer of the history at a time, and of what it tells of; readers do not wait. The lock falls with the
-- transaction, however that ends. Nothing is read before it, so that what is read after it is what the one before wrote.
-- How many rows there are and the newest one's rank say whether any was added since the history was read.
BEGIN;
LOCK TABLE {history}_lock;
SELECT COUNT(*), COALESCE(MAX(installed_rank), 0) FROM {history}
