-- Options of connections, groups of connections, and connections that are paused.
-- NULL: not given, the program's default; durations in milliseconds, 0 is off.

CREATE TABLE connection_groups (
    id                          INTEGER PRIMARY KEY AUTOINCREMENT,
    name                        TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 127),
    name_folded                 TEXT    NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL UNIQUE,
    max_concurrent_connections  INTEGER NOT NULL CHECK (max_concurrent_connections >= 1),
    comment                     TEXT    NOT NULL DEFAULT '',
    version                     INTEGER NOT NULL CHECK (version >= 1),
    created_at                  TEXT    NOT NULL,
    created_by                  TEXT    NOT NULL,
    modified_at                 TEXT    NOT NULL,
    modified_by                 TEXT    NOT NULL
) STRICT;

ALTER TABLE connections ADD COLUMN group_id INTEGER REFERENCES connection_groups (id) ON UPDATE RESTRICT ON DELETE RESTRICT;
CREATE INDEX connections_group ON connections (group_id) WHERE group_id IS NOT NULL;

ALTER TABLE connections ADD COLUMN acquire_timeout_ms    INTEGER CHECK (acquire_timeout_ms >= 1);
ALTER TABLE connections ADD COLUMN connect_timeout_ms    INTEGER CHECK (connect_timeout_ms >= 1);
ALTER TABLE connections ADD COLUMN statement_timeout_ms  INTEGER CHECK (statement_timeout_ms >= 0);
ALTER TABLE connections ADD COLUMN idle_timeout_ms       INTEGER CHECK (idle_timeout_ms >= 0);
ALTER TABLE connections ADD COLUMN max_lifetime_ms       INTEGER CHECK (max_lifetime_ms >= 0);
ALTER TABLE connections ADD COLUMN keepalive_interval_ms INTEGER CHECK (keepalive_interval_ms >= 0);
ALTER TABLE connections ADD COLUMN min_idle              INTEGER CHECK (min_idle >= 0);
ALTER TABLE connections ADD COLUMN max_waiters           INTEGER CHECK (max_waiters >= 1);
ALTER TABLE connections ADD COLUMN reserved              INTEGER CHECK (reserved IS NULL OR reserved >= 0);
ALTER TABLE connections ADD COLUMN cluster_identifier    TEXT;
ALTER TABLE connections ADD COLUMN workgroup             TEXT;
ALTER TABLE connections ADD COLUMN secret_arn            TEXT;

ALTER TABLE connections ADD COLUMN paused_at     TEXT;
ALTER TABLE connections ADD COLUMN paused_by     TEXT CHECK ((paused_by IS NULL) = (paused_at IS NULL));
ALTER TABLE connections ADD COLUMN paused_until  TEXT CHECK (paused_until IS NULL OR paused_at IS NOT NULL);
ALTER TABLE connections ADD COLUMN pause_mode    TEXT CHECK (pause_mode IN ('wait', 'refuse'));
ALTER TABLE connections ADD COLUMN pause_comment TEXT;
