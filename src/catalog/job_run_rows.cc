#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/job_run_columns.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/utc.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kList = "SELECT " BERTH_RUN_COLUMNS
                                   " FROM job_runs AS r JOIN jobs AS j ON j.id = r.job_id"
                                   " ORDER BY r.id DESC LIMIT ?";
constexpr std::string_view kListOfJob = "SELECT " BERTH_RUN_COLUMNS
                                        " FROM job_runs AS r JOIN jobs AS j ON j.id = r.job_id"
                                        " WHERE r.job_id = ? ORDER BY r.id DESC LIMIT ?";
constexpr std::string_view kFind =
    "SELECT " BERTH_RUN_COLUMNS " FROM job_runs AS r JOIN jobs AS j ON j.id = r.job_id WHERE r.id = ?";
constexpr std::string_view kTaken =
    "SELECT 1 FROM job_runs WHERE job_id = ? AND tick = ? AND attempt = ? AND state <> 'abandoned'";
constexpr std::string_view kInsert =
    "INSERT INTO job_runs (job_id, connection_name, tick, attempt, state, started_at, run_by, pid)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kNoteRun =
    "UPDATE jobs SET last_run_id = ?2, ticked_at = max(coalesce(?3, ticked_at, ''), coalesce(ticked_at, ''))"
    " WHERE id = ?1";
constexpr std::string_view kUpdate =
    "UPDATE job_runs SET state = ?, in_doubt = ?, ended_at = ?, duration_ms = ?, row_count = ?, notices = ?, error = ?,"
    " sqlstate = ? WHERE id = ?";
constexpr std::string_view kForget =
    "DELETE FROM job_runs WHERE job_id = ?1 AND id <="
    " (SELECT id FROM job_runs WHERE job_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";

std::optional<std::string> TextOf(const std::optional<Clock::Wall>& time) {
  return time ? std::optional(UtcText(*time)) : std::nullopt;
}

std::optional<std::string_view> View(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

std::string_view RunStateName(RunState state) {
  switch (state) {
    case RunState::kWaiting:
      return "waiting";
    case RunState::kRunning:
      return "running";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kFailed:
      return "failed";
    case RunState::kAbandoned:
      return "abandoned";
  }
  return "";
}

RunState RunStateOf(std::string_view name) {
  for (const auto state : {RunState::kWaiting, RunState::kRunning, RunState::kSucceeded, RunState::kAbandoned}) {
    if (name == RunStateName(state)) return state;
  }
  return RunState::kFailed;
}

JobRun RunOf(const sqlite::Statement& row, int first) {
  JobRun run;
  int column = first;
  const auto text = [&] { return row.Text(column++); };
  const auto time = [&] {
    const auto at = column++;
    return row.IsNull(at) ? std::nullopt : WallOf(row.Text(at));
  };
  run.id = row.Integer(column++);
  run.job_id = row.Integer(column++);
  run.job = text();
  run.connection = text();
  run.tick = time();
  run.attempt = static_cast<std::int32_t>(row.Integer(column++));
  run.state = RunStateOf(text());
  run.in_doubt = row.Integer(column++) != 0;
  run.started = time().value_or(Clock::Wall());
  run.ended = time();
  run.duration = std::chrono::milliseconds(row.Integer(column++));
  if (!row.IsNull(column)) run.rows = row.Integer(column);
  ++column;
  run.notices = text();
  run.error = text();
  run.sqlstate = text();
  run.run_by = text();
  run.pid = row.Integer(column);
  return run;
}

Result<JobRun> SqliteTransaction::InsertJobRun(JobRun run) {
  BERTH_TRY(Ready());
  const auto tick = TextOf(run.tick);
  if (tick) {
    BERTH_ASSIGN(auto taken, database_->Query(kTaken, run.job_id, std::string_view(*tick), run.attempt));
    BERTH_ASSIGN(const bool found, taken.Step());
    if (found) {
      return Error{.code = ErrorCode::kAlreadyExists,
                   .message = fmt::format("Attempt {} of the job's run of {} has been taken", run.attempt, *tick)};
    }
  }
  run.started = context_->clock->WallNow();
  run.run_by = context_->actor;
  run.pid = ::getpid();
  const auto work = [&]() -> Status {
    BERTH_TRY(database_->Run(kInsert, run.job_id, std::string_view(run.connection), View(tick), run.attempt,
                             RunStateName(run.state), std::string_view(UtcText(run.started)),
                             std::string_view(run.run_by), run.pid));
    run.id = database_->LastInsertId();
    BERTH_TRY(database_->Run(kNoteRun, run.job_id, run.id, View(tick)));
    return database_->Run(kForget, run.job_id, static_cast<std::int64_t>(kRunsKept));
  };
  BERTH_TRY(AllOrNothing(work));
  return run;
}

Status SqliteTransaction::UpdateJobRun(const JobRun& run) {
  BERTH_TRY(Ready());
  const auto ended = TextOf(run.ended);
  const auto duration = run.ended ? std::optional<std::int64_t>(run.duration.count()) : std::nullopt;
  return database_->Run(kUpdate, RunStateName(run.state), run.in_doubt, View(ended), duration, run.rows,
                        std::string_view(run.notices), std::string_view(run.error), std::string_view(run.sqlstate),
                        run.id);
}

Result<std::optional<JobRun>> SqliteTransaction::FindJobRun(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kFind, id));
  BERTH_ASSIGN(const bool found, row.Step());
  return found ? std::optional(RunOf(row, 0)) : std::nullopt;
}

Result<std::vector<JobRun>> SqliteTransaction::ListJobRuns(std::optional<std::int64_t> job_id, std::size_t limit) {
  BERTH_TRY(Ready());
  const auto most = static_cast<std::int64_t>(limit);
  BERTH_ASSIGN(auto rows, job_id ? database_->Query(kListOfJob, *job_id, most) : database_->Query(kList, most));
  std::vector<JobRun> runs;
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return runs;
    runs.push_back(RunOf(rows, 0));
  }
}

}  // namespace berth::catalog
