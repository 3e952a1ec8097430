-- The catalog as it was first. Frozen: never edit this file, write a V0002 (catalog/README.md).
-- Times are RFC 3339 in UTC with milliseconds. Names are exact; name_folded keeps two names from differing only in the
-- case of ASCII letters (lower() of SQLite folds no others, which is also how bare names fold in statements).

CREATE TABLE connections (
    id                          INTEGER PRIMARY KEY AUTOINCREMENT,
    name                        TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 127),
    name_folded                 TEXT    NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL UNIQUE,
    connection_string           TEXT    NOT NULL CHECK (connection_string <> ''),
    host                        TEXT    NOT NULL CHECK (host <> ''),
    port                        INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    database_name               TEXT    NOT NULL CHECK (database_name <> ''),
    user_name                   TEXT    NOT NULL CHECK (user_name <> ''),
    password_kind               TEXT    NOT NULL CHECK (password_kind IN ('literal', 'env', 'file', 'command', 'prompt')),
    password_reference          TEXT    CHECK ((password_reference IS NULL) = (password_kind IN ('literal', 'prompt'))),
    password_sealed             BLOB    CHECK ((password_sealed IS NOT NULL) = (password_kind = 'literal')),
    max_concurrent_connections  INTEGER CHECK (max_concurrent_connections >= 1),
    comment                     TEXT    NOT NULL DEFAULT '',
    version                     INTEGER NOT NULL CHECK (version >= 1),
    login_version               INTEGER NOT NULL CHECK (login_version >= 1),
    created_at                  TEXT    NOT NULL,
    created_by                  TEXT    NOT NULL,
    modified_at                 TEXT    NOT NULL,
    modified_by                 TEXT    NOT NULL
) STRICT;
CREATE INDEX connections_sealed ON connections (id) WHERE password_sealed IS NOT NULL;

CREATE TABLE tables (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id  INTEGER NOT NULL REFERENCES connections (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    schema_name    TEXT    NOT NULL CHECK (schema_name <> ''),
    table_name     TEXT    NOT NULL CHECK (table_name <> ''),
    state          TEXT    NOT NULL CHECK (state IN ('recorded', 'creating', 'dropping')),
    attached       INTEGER NOT NULL CHECK (attached IN (0, 1)),
    created_at     TEXT    NOT NULL,
    created_by     TEXT    NOT NULL,
    modified_at    TEXT    NOT NULL,
    modified_by    TEXT    NOT NULL,
    UNIQUE (connection_id, schema_name, table_name)
) STRICT;

CREATE TABLE jobs (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 127),
    name_folded    TEXT    NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL UNIQUE,
    external       INTEGER NOT NULL CHECK (external IN (0, 1)),
    sync           INTEGER NOT NULL CHECK (sync IN (0, 1)),
    script         INTEGER NOT NULL CHECK (script IN (0, 1)),
    body           TEXT    NOT NULL,
    connection_id  INTEGER REFERENCES connections (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    comment        TEXT    NOT NULL DEFAULT '',
    version        INTEGER NOT NULL CHECK (version >= 1),
    created_at     TEXT    NOT NULL,
    created_by     TEXT    NOT NULL,
    modified_at    TEXT    NOT NULL,
    modified_by    TEXT    NOT NULL
) STRICT;
CREATE INDEX jobs_connection ON jobs (connection_id);

CREATE TABLE job_edges (
    job_id         INTEGER NOT NULL REFERENCES jobs (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    connection_id  INTEGER NOT NULL REFERENCES connections (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    role           TEXT    NOT NULL CHECK (role IN ('target', 'source', 'connection')),
    schema_name    TEXT    NOT NULL CHECK ((schema_name = '') = (role = 'connection')),
    table_name     TEXT    NOT NULL CHECK ((table_name = '') = (role = 'connection')),
    PRIMARY KEY (job_id, connection_id, role, schema_name, table_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_edges_dependents ON job_edges (connection_id, schema_name, table_name, job_id);
