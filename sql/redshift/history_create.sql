-- The history of migrations in a warehouse; {history} is its name with its schema. The columns are Flyway's, and what a
-- file of several parts and a file without a transaction need. The second table is never read or written: it is locked.
CREATE TABLE IF NOT EXISTS {history} (
    installed_rank      INTEGER       NOT NULL,
    version             VARCHAR(50),
    description         VARCHAR(200)  NOT NULL,
    type                VARCHAR(20)   NOT NULL,
    script              VARCHAR(1000) NOT NULL,
    checksum            VARCHAR(64)   NOT NULL,
    part                INTEGER       NOT NULL,
    installed_by        VARCHAR(256)  NOT NULL,
    installed_on        TIMESTAMP     NOT NULL,
    execution_time      INTEGER       NOT NULL,
    success             BOOLEAN       NOT NULL,
    statements_started  INTEGER       NOT NULL,
    statements_done     INTEGER       NOT NULL
);
CREATE TABLE IF NOT EXISTS {history}_lock (nothing INTEGER)
