-- A change may concern more connections than one: that of a secret all that use it, that of a job the one that it leaves
-- and the one that it comes to. The first is in the row itself; here are the others. Rows are added and never touched
-- again, as those of change_history.

CREATE TABLE change_connections (
    connection_id    INTEGER NOT NULL,
    change_id        INTEGER NOT NULL,
    PRIMARY KEY (connection_id, change_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_connections_change ON change_connections (change_id);

CREATE TRIGGER change_connections_is_not_changed BEFORE UPDATE ON change_connections
BEGIN
    SELECT RAISE(ABORT, 'the history of changes is never changed');
END;
CREATE TRIGGER change_connections_is_not_deleted BEFORE DELETE ON change_connections
BEGIN
    SELECT RAISE(ABORT, 'the history of changes is never deleted');
END;
