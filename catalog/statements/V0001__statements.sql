-- What `berth serve` remembers of Data API statements for a day. Times are milliseconds since 1970, states the numbers of
-- StatementState. `sealed` holds texts and parameters, `error` the error's text, both sealed with the catalog's key for
-- the row's id.
CREATE TABLE statements (
  number INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of acceptance
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
  stored_bytes INTEGER NOT NULL DEFAULT 0,  -- of its results' files
  cancel_requested INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX statements_of_caller ON statements (caller, number);
CREATE INDEX statements_with_token ON statements (caller, client_token) WHERE client_token IS NOT NULL;
CREATE INDEX statements_live ON statements (owner, state) WHERE state < 3;
CREATE INDEX statements_ended ON statements (updated_at) WHERE state >= 3;

-- One row a statement of a batch.
CREATE TABLE sub_statements (
  statement INTEGER NOT NULL REFERENCES statements (number) ON DELETE CASCADE,
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
  PRIMARY KEY (statement, position)
) STRICT, WITHOUT ROWID;

-- Sessions that outlive their statements, kept here for a day after they have ended.
CREATE TABLE sessions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  caller TEXT NOT NULL,
  connection TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  closed_at INTEGER,
  keep_alive_s INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  statement_id TEXT,  -- the one that it runs
  cluster_identifier TEXT,
  workgroup TEXT,
  secret_arn TEXT,
  db_user TEXT,
  database TEXT
) STRICT;
CREATE INDEX sessions_of_caller ON sessions (caller, number);
CREATE INDEX sessions_open ON sessions (owner) WHERE closed_at IS NULL;

-- The outbox: ends of statements that were submitted WithEvent, until somebody has been told.
CREATE TABLE events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  statement_id TEXT NOT NULL,
  statement_name TEXT NOT NULL,
  caller TEXT NOT NULL,
  connection TEXT NOT NULL,
  cluster_identifier TEXT,
  workgroup TEXT,
  secret_arn TEXT,
  db_user TEXT,
  database TEXT,
  state INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  query_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX events_due ON events (due_at);
