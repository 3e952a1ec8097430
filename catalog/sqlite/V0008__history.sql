-- Every change of the catalog's objects, written in the transaction that makes it. No foreign keys: it outlives what it
-- is about. Rows are added and never touched again; the triggers see to that for every program.

CREATE TABLE change_history (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    changed_at       TEXT    NOT NULL,
    changed_by       TEXT    NOT NULL,
    service_user     TEXT,
    action           TEXT    NOT NULL CHECK (action <> ''),
    object_type      TEXT    NOT NULL CHECK (object_type <> ''),
    object_id        INTEGER NOT NULL,
    object_name      TEXT    NOT NULL,
    options          TEXT    NOT NULL DEFAULT '',
    connection_id    INTEGER,
    statement        TEXT    NOT NULL
) STRICT;
CREATE INDEX change_history_connection ON change_history (connection_id, id) WHERE connection_id IS NOT NULL;
CREATE INDEX change_history_name ON change_history (object_name, object_id) WHERE object_type = 'connection';

CREATE TRIGGER change_history_is_not_changed BEFORE UPDATE ON change_history
BEGIN
    SELECT RAISE(ABORT, 'the history of changes is never changed');
END;
CREATE TRIGGER change_history_is_not_deleted BEFORE DELETE ON change_history
BEGIN
    SELECT RAISE(ABORT, 'the history of changes is never deleted');
END;
