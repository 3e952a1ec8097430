#pragma once

#include "catalog/job_records.h"
#include "sqlite/database.h"

// A row of job_runs AS r joined with jobs AS j, as part of a longer row.
#define BERTH_RUN_COLUMNS                                                                                        \
  "r.id, r.job_id, j.name, r.connection_name, r.tick, r.attempt, r.state, r.in_doubt, r.started_at, r.ended_at," \
  " r.duration_ms, r.row_count, r.notices, r.error, r.sqlstate, r.run_by, r.pid"

namespace berth::catalog {

// The run whose columns begin at `first`.
JobRun RunOf(const sqlite::Statement& row, int first);
RunState RunStateOf(std::string_view name);

}  // namespace berth::catalog
