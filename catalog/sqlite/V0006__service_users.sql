-- Who may use which connection through the Data API: service users, the keys that they sign with, and what they were
-- granted.

CREATE TABLE service_users (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 127),
    name_folded  TEXT    NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL UNIQUE,
    admin        INTEGER NOT NULL CHECK (admin IN (0, 1)),
    comment      TEXT    NOT NULL DEFAULT '',
    created_at   TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    modified_at  TEXT    NOT NULL,
    modified_by  TEXT    NOT NULL
) STRICT;

CREATE TABLE access_keys (
    id             TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    user_id        INTEGER NOT NULL REFERENCES service_users (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    secret_sealed  BLOB    NOT NULL,
    enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    expires_at     TEXT,
    last_used_at   TEXT,
    comment        TEXT    NOT NULL DEFAULT '',
    created_at     TEXT    NOT NULL,
    created_by     TEXT    NOT NULL,
    modified_at    TEXT    NOT NULL,
    modified_by    TEXT    NOT NULL
) STRICT;
CREATE INDEX access_keys_user ON access_keys (user_id);

-- It keeps nobody from dropping the connection, and an older program must be able to: it goes with it.
CREATE TABLE connection_grants (
    connection_id   INTEGER NOT NULL REFERENCES connections (id) ON UPDATE RESTRICT ON DELETE CASCADE,
    user_id         INTEGER NOT NULL REFERENCES service_users (id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    max_active      INTEGER CHECK (max_active >= 1),
    max_concurrent  INTEGER CHECK (max_concurrent >= 1),
    created_at      TEXT    NOT NULL,
    created_by      TEXT    NOT NULL,
    modified_at     TEXT    NOT NULL,
    modified_by     TEXT    NOT NULL,
    PRIMARY KEY (connection_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_grants_user ON connection_grants (user_id);
