-- What `berth migrate` has done with this catalog, in the order in which it was done: words and columns as in Flyway's
-- history. Rows are added; of several for one script and part the last one counts.

CREATE TABLE migration_history (
    installed_rank  INTEGER PRIMARY KEY AUTOINCREMENT,
    version         TEXT,
    description     TEXT    NOT NULL,
    type            TEXT    NOT NULL CHECK (type IN ('SQL', 'START', 'DELETE')),
    script          TEXT    NOT NULL CHECK (script <> ''),
    checksum        TEXT    NOT NULL,
    part            INTEGER NOT NULL CHECK (part >= 0 AND (part = 0) = (type <> 'SQL')),
    parts           INTEGER NOT NULL CHECK (parts >= part),
    target          TEXT    NOT NULL,
    connection_id   INTEGER,
    installed_on    TEXT    NOT NULL,
    installed_by    TEXT    NOT NULL,
    execution_time  INTEGER NOT NULL
) STRICT;
