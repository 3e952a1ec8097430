-- Secrets: where a password comes from, under a name that connections share. And the second password of a connection,
-- which is tried when the first is refused and takes its place at its first success.

CREATE TABLE secrets (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 127),
    name_folded  TEXT    NOT NULL GENERATED ALWAYS AS (lower(name)) VIRTUAL UNIQUE,
    kind         TEXT    NOT NULL CHECK (kind IN ('literal', 'env', 'file', 'command', 'prompt')),
    reference    TEXT    CHECK ((reference IS NULL) = (kind IN ('literal', 'prompt'))),
    sealed       BLOB    CHECK ((sealed IS NOT NULL) = (kind = 'literal')),
    version      INTEGER NOT NULL CHECK (version >= 1),
    created_at   TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    modified_at  TEXT    NOT NULL,
    modified_by  TEXT    NOT NULL
) STRICT;

-- Counts where password_kind is 'prompt': a program that knows no secrets asks for the password then.
ALTER TABLE connections ADD COLUMN secret_id INTEGER REFERENCES secrets (id) ON UPDATE RESTRICT ON DELETE RESTRICT;
CREATE INDEX connections_secret ON connections (secret_id) WHERE secret_id IS NOT NULL;

ALTER TABLE connections ADD COLUMN password_next_kind TEXT CHECK (password_next_kind IN ('literal', 'env', 'file', 'command'));
ALTER TABLE connections ADD COLUMN password_next_reference TEXT;
ALTER TABLE connections ADD COLUMN password_next_sealed BLOB;
ALTER TABLE connections ADD COLUMN password_next_version INTEGER CHECK ((password_next_version IS NULL) = (password_next_kind IS NULL));
ALTER TABLE connections ADD COLUMN rotation_pid INTEGER;
ALTER TABLE connections ADD COLUMN rotation_started INTEGER;
CREATE INDEX connections_next_sealed ON connections (id) WHERE password_next_sealed IS NOT NULL;
