-- How each edge of a job was found, which tables a job makes for itself, who last used a connection, and which process
-- a CREATE or DROP TABLE that is under way belongs to.

ALTER TABLE job_edges ADD COLUMN found TEXT NOT NULL DEFAULT 'declared' CHECK (found IN ('declared', 'parsed', 'scanned'));
ALTER TABLE job_edges ADD COLUMN staging INTEGER NOT NULL DEFAULT 0 CHECK (staging IN (0, 1));
UPDATE job_edges SET found = 'scanned' WHERE role <> 'connection';

ALTER TABLE tables ADD COLUMN intent_pid INTEGER;
ALTER TABLE tables ADD COLUMN intent_started INTEGER;

-- A note, not something that a connection is needed for: it goes with the connection.
CREATE TABLE connection_uses (
    connection_id  INTEGER NOT NULL REFERENCES connections (id) ON UPDATE RESTRICT ON DELETE CASCADE,
    used_by        TEXT    NOT NULL CHECK (used_by <> ''),
    last_used_at   TEXT    NOT NULL,
    PRIMARY KEY (connection_id, used_by)
) STRICT, WITHOUT ROWID;
