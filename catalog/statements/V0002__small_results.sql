-- A small result stands in its statement's row, where it costs no file. What each statement writes becomes less: numbers
-- are given without a table of their own (AUTOINCREMENT), and what has ended is found by its number, not by an index.
CREATE TABLE new_statements (
  number INTEGER PRIMARY KEY,  -- in the order of acceptance
  id TEXT NOT NULL UNIQUE,
  caller TEXT NOT NULL,
  connection TEXT NOT NULL,
  owner TEXT NOT NULL,  -- the process that runs it
  state INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  is_batch INTEGER NOT NULL,
  execution_mode INTEGER NOT NULL,
  result_format INTEGER NOT NULL,
  with_event INTEGER NOT NULL,
  name TEXT NOT NULL,
  client_token TEXT,
  session_id TEXT,
  cluster_identifier TEXT,
  workgroup TEXT,
  secret_arn TEXT,
  db_user TEXT,
  database TEXT,
  max_concurrent INTEGER,  -- of the caller, when he submitted it
  sealed BLOB NOT NULL,
  error BLOB,
  pid INTEGER NOT NULL DEFAULT 0,
  query_id INTEGER NOT NULL DEFAULT -1,
  duration_ns INTEGER NOT NULL DEFAULT -1,
  result_rows INTEGER NOT NULL DEFAULT -1,
  result_size INTEGER NOT NULL DEFAULT -1,
  has_result_set INTEGER NOT NULL DEFAULT 0,
  stored_bytes INTEGER NOT NULL DEFAULT 0,  -- of its results, wherever they are
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  result BLOB  -- the bytes of the file that it has not; null: there is a file, or no result
) STRICT;
INSERT INTO new_statements SELECT *, NULL FROM statements;

CREATE TABLE new_sub_statements (
  statement INTEGER NOT NULL REFERENCES new_statements (number) ON DELETE CASCADE,
  position INTEGER NOT NULL,  -- from 1
  state INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  query_id INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,
  result_rows INTEGER NOT NULL,
  result_size INTEGER NOT NULL,
  has_result_set INTEGER NOT NULL,
  error BLOB,
  result BLOB,
  PRIMARY KEY (statement, position)
) STRICT, WITHOUT ROWID;
INSERT INTO new_sub_statements SELECT *, NULL FROM sub_statements;

DROP TABLE sub_statements;
DROP TABLE statements;
ALTER TABLE new_statements RENAME TO statements;
ALTER TABLE new_sub_statements RENAME TO sub_statements;
CREATE INDEX statements_of_caller ON statements (caller, number);
CREATE INDEX statements_with_token ON statements (caller, client_token) WHERE client_token IS NOT NULL;
CREATE INDEX statements_live ON statements (owner, state) WHERE state < 3;
