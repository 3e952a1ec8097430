-- When and how jobs run, and each run of one. Times are texts as everywhere in the catalog, durations milliseconds.

ALTER TABLE jobs ADD COLUMN run_interval_ms  INTEGER NOT NULL DEFAULT 0 CHECK (run_interval_ms >= 0);
ALTER TABLE jobs ADD COLUMN schedule         TEXT    NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN time_zone        TEXT    NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN auto_commit      INTEGER NOT NULL DEFAULT 0 CHECK (auto_commit IN (0, 1));
ALTER TABLE jobs ADD COLUMN run_timeout_ms   INTEGER NOT NULL DEFAULT 0 CHECK (run_timeout_ms >= 0);
ALTER TABLE jobs ADD COLUMN retries          INTEGER NOT NULL DEFAULT 0 CHECK (retries >= 0);
ALTER TABLE jobs ADD COLUMN retry_delay_ms   INTEGER NOT NULL DEFAULT 30000 CHECK (retry_delay_ms >= 1);
ALTER TABLE jobs ADD COLUMN without_effect   TEXT    NOT NULL DEFAULT '';  -- options that are kept as they were written
ALTER TABLE jobs ADD COLUMN paused_at        TEXT;
ALTER TABLE jobs ADD COLUMN paused_by        TEXT;
ALTER TABLE jobs ADD COLUMN ticked_at        TEXT;     -- what was due until then has been taken, or is not wanted
ALTER TABLE jobs ADD COLUMN last_run_id      INTEGER;  -- of job_runs
CREATE INDEX jobs_scheduled ON jobs (id) WHERE run_interval_ms > 0 OR schedule <> '';

-- A run is written before anything is sent. It goes with its job.
CREATE TABLE job_runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id           INTEGER NOT NULL REFERENCES jobs (id) ON UPDATE RESTRICT ON DELETE CASCADE,
    connection_name  TEXT    NOT NULL,
    tick             TEXT,                                                 -- when it was due; NULL: RUN JOB
    attempt          INTEGER NOT NULL CHECK (attempt >= 1),
    state            TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'succeeded', 'failed', 'abandoned')),
    in_doubt         INTEGER NOT NULL DEFAULT 0 CHECK (in_doubt IN (0, 1)),
    started_at       TEXT    NOT NULL,
    ended_at         TEXT,
    duration_ms      INTEGER,
    row_count        INTEGER,
    notices          TEXT    NOT NULL DEFAULT '',
    error            TEXT    NOT NULL DEFAULT '',
    sqlstate         TEXT    NOT NULL DEFAULT '',
    run_by           TEXT    NOT NULL,
    pid              INTEGER NOT NULL
) STRICT;
CREATE INDEX job_runs_job ON job_runs (job_id, id);
-- A tick is run once. An abandoned run is one of which nothing was sent.
CREATE UNIQUE INDEX job_runs_tick ON job_runs (job_id, tick, attempt) WHERE tick IS NOT NULL AND state <> 'abandoned';
