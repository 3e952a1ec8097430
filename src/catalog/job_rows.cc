#include <fmt/core.h>

#include <unordered_map>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/changed_options.h"
#include "catalog/job_run_columns.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"
#include "catalog/utc.h"

namespace berth::catalog {
namespace {

#define BERTH_JOB_COLUMNS                                                                                    \
  "j.id, j.version, j.name, j.external, j.sync, j.script, j.body, j.connection_id, j.comment, j.created_at," \
  " j.created_by, j.modified_at, j.modified_by, j.run_interval_ms, j.schedule, j.time_zone, j.auto_commit,"  \
  " j.run_timeout_ms, j.retries, j.retry_delay_ms, j.without_effect, j.paused_at, j.paused_by, "             \
  "j.ticked_at, " BERTH_RUN_COLUMNS " FROM jobs AS j LEFT JOIN job_runs AS r ON r.id = j.last_run_id"
constexpr int kFirstRunColumn = 24;
#define BERTH_EDGE_COLUMNS \
  "job_id, connection_id, CASE staging WHEN 1 THEN 'staging' ELSE role END, schema_name, table_name, found"
#define BERTH_EDGE_ORDER \
  " ORDER BY CASE role WHEN 'target' THEN 0 WHEN 'source' THEN 1 ELSE 2 END, connection_id, schema_name, table_name"

constexpr std::string_view kFind = "SELECT " BERTH_JOB_COLUMNS " WHERE j.name_folded = lower(?1) AND j.name = ?1";
constexpr std::string_view kFindById = "SELECT " BERTH_JOB_COLUMNS " WHERE j.id = ?";
constexpr std::string_view kList = "SELECT " BERTH_JOB_COLUMNS " ORDER BY j.name";
// As the index jobs_scheduled has it.
constexpr std::string_view kListScheduled =
    "SELECT " BERTH_JOB_COLUMNS " WHERE j.run_interval_ms > 0 OR j.schedule <> '' ORDER BY j.id";
constexpr std::string_view kEdges = "SELECT " BERTH_EDGE_COLUMNS " FROM job_edges WHERE job_id = ?" BERTH_EDGE_ORDER;
constexpr std::string_view kAllEdges = "SELECT " BERTH_EDGE_COLUMNS " FROM job_edges" BERTH_EDGE_ORDER;
#undef BERTH_JOB_COLUMNS
#undef BERTH_EDGE_COLUMNS
#undef BERTH_EDGE_ORDER
constexpr std::string_view kFindLike = "SELECT name FROM jobs WHERE name_folded = lower(?)";
constexpr std::string_view kTaken = "SELECT name FROM jobs WHERE name_folded = lower(?) AND id <> ?";
constexpr std::string_view kInsert =
    "INSERT INTO jobs (version, name, external, sync, script, body, connection_id, comment, created_at, created_by,"
    " modified_at, modified_by, run_interval_ms, schedule, time_zone, auto_commit, run_timeout_ms, retries,"
    " retry_delay_ms, without_effect, paused_at, paused_by, ticked_at)"
    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
constexpr std::string_view kUpdate =
    "UPDATE jobs SET version = version + 1, name = ?1, external = ?2, sync = ?3, script = ?4, body = ?5,"
    " connection_id = ?6, comment = ?7, modified_at = ?8, modified_by = ?9, run_interval_ms = ?10, schedule = ?11,"
    " time_zone = ?12, auto_commit = ?13, run_timeout_ms = ?14, retries = ?15, retry_delay_ms = ?16,"
    " without_effect = ?17, paused_at = ?18, paused_by = ?19, ticked_at = ?20 WHERE id = ?21";
constexpr std::string_view kDelete = "DELETE FROM jobs WHERE id = ?";
constexpr std::string_view kInsertEdge =
    "INSERT INTO job_edges (job_id, connection_id, role, schema_name, table_name, staging, found)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING";  // a job that names a table twice depends on it once
constexpr std::string_view kDeleteEdges = "DELETE FROM job_edges WHERE job_id = ?";

Job RowOf(const sqlite::Statement& row) {
  Job job;
  job.id = row.Integer(0);
  job.version = row.Integer(1);
  job.name = row.Text(2);
  job.external = row.Integer(3) != 0;
  job.sync = row.Integer(4) != 0;
  job.script = row.Integer(5) != 0;
  job.body = row.Text(6);
  if (!row.IsNull(7)) job.connection_id = row.Integer(7);
  job.comment = row.Text(8);
  job.stamp = {
      .created_at = row.Text(9), .created_by = row.Text(10), .modified_at = row.Text(11), .modified_by = row.Text(12)};
  job.plan = {.run_interval = std::chrono::milliseconds(row.Integer(13)),
              .schedule = row.Text(14),
              .time_zone = row.Text(15),
              .auto_commit = row.Integer(16) != 0,
              .run_timeout = std::chrono::milliseconds(row.Integer(17)),
              .retries = static_cast<std::int32_t>(row.Integer(18)),
              .retry_delay = std::chrono::milliseconds(row.Integer(19)),
              .without_effect = row.Text(20)};
  if (const auto at = row.IsNull(21) ? std::nullopt : WallOf(row.Text(21))) job.pause = {.at = *at, .by = row.Text(22)};
  if (!row.IsNull(23)) job.ticked = WallOf(row.Text(23));
  if (!row.IsNull(kFirstRunColumn)) job.last_run = RunOf(row, kFirstRunColumn);
  return job;
}

Edge EdgeOf(const sqlite::Statement& row) {
  return {.connection_id = row.Integer(1),
          .role = RoleOf(row.Text(2)),
          .schema = row.Text(3),
          .table = row.Text(4),
          .found = FoundOf(row.Text(5))};
}

// Parameters 1 to 20 of kInsert and kUpdate.
void BindColumns(sqlite::Statement& statement, const Job& job, std::string_view now, std::string_view actor) {
  statement.Bind(job.name);
  statement.Bind(job.external);
  statement.Bind(job.sync);
  statement.Bind(job.script);
  statement.Bind(job.body);
  statement.Bind(job.connection_id);
  statement.Bind(job.comment);
  statement.Bind(now);
  statement.Bind(actor);
  statement.Bind(static_cast<std::int64_t>(job.plan.run_interval.count()));
  statement.Bind(job.plan.schedule);
  statement.Bind(job.plan.time_zone);
  statement.Bind(job.plan.auto_commit);
  statement.Bind(static_cast<std::int64_t>(job.plan.run_timeout.count()));
  statement.Bind(job.plan.retries);
  statement.Bind(static_cast<std::int64_t>(job.plan.retry_delay.count()));
  statement.Bind(job.plan.without_effect);
  statement.Bind(job.pause ? std::optional(UtcText(job.pause->at)) : std::nullopt);
  statement.Bind(job.pause ? std::optional(job.pause->by) : std::nullopt);
  statement.Bind(job.ticked ? std::optional(UtcText(*job.ticked)) : std::nullopt);
}

Error NoJob(std::int64_t id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no job with the id {}", id)};
}

Status NamingConnection(Status status, const Job& job) {
  if (status.ok()) return status;
  return MissingConnection(std::move(status).TakeError(), job.connection_id.value_or(0));
}

}  // namespace

Status SqliteTransaction::ReadEdges(Job& job) {
  BERTH_ASSIGN(auto rows, database_->Query(kEdges, job.id));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return {};
    job.edges.push_back(EdgeOf(rows));
  }
}

Result<std::optional<Job>> SqliteTransaction::ReadJob(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto row, std::move(query));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<Job>();
  Job job = RowOf(row);
  BERTH_TRY(ReadEdges(job));
  return std::optional<Job>(std::move(job));
}

Result<std::optional<Job>> SqliteTransaction::FindJob(std::string_view name) {
  BERTH_TRY(Ready());
  return ReadJob(database_->Query(kFind, name));
}

Result<std::optional<Job>> SqliteTransaction::FindJobById(std::int64_t id) {
  BERTH_TRY(Ready());
  return ReadJob(database_->Query(kFindById, id));
}

Result<std::vector<Job>> SqliteTransaction::ListScheduledJobs() {
  BERTH_TRY(Ready());
  std::vector<Job> jobs;
  BERTH_ASSIGN(auto rows, database_->Query(kListScheduled));
  for (bool more = true; more;) {
    BERTH_ASSIGN(more, rows.Step());
    if (!more) break;
    jobs.push_back(RowOf(rows));
  }
  for (auto& job : jobs) BERTH_TRY(ReadEdges(job));
  return jobs;
}

Result<std::optional<std::string>> SqliteTransaction::FindJobLike(std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kFindLike, name));
  BERTH_ASSIGN(const bool found, row.Step());
  return found ? std::optional<std::string>(row.Text(0)) : std::nullopt;
}

Result<std::vector<std::string>> SqliteTransaction::JobNames() {
  return ReadNames("SELECT name FROM jobs");
}

Result<std::vector<Job>> SqliteTransaction::ListJobs() {
  BERTH_TRY(Ready());
  std::vector<Job> jobs;
  std::unordered_map<std::int64_t, std::size_t> places;
  BERTH_ASSIGN(auto rows, database_->Query(kList));
  for (bool more = true; more;) {
    BERTH_ASSIGN(more, rows.Step());
    if (!more) break;
    jobs.push_back(RowOf(rows));
    places.emplace(jobs.back().id, jobs.size() - 1);
  }
  BERTH_ASSIGN(auto edges, database_->Query(kAllEdges));
  while (true) {
    BERTH_ASSIGN(const bool row, edges.Step());
    if (!row) return jobs;
    const auto place = places.find(edges.Integer(0));
    if (place != places.end()) jobs[place->second].edges.push_back(EdgeOf(edges));
  }
}

Status SqliteTransaction::RefuseTakenName(const Job& job) {
  BERTH_ASSIGN(auto taken, database_->Query(kTaken, std::string_view(job.name), job.id));
  BERTH_ASSIGN(const bool found, taken.Step());
  if (!found) return {};
  const std::string other = taken.Text(0);
  if (other == job.name) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("Job {} already exists", base::QuoteIdentifier(other))};
  }
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("Job {} differs only in case from job {}, which already exists",
                                      base::QuoteIdentifier(job.name), base::QuoteIdentifier(other)),
               .hint = "Choose a name that differs in more than case."};
}

Status SqliteTransaction::InsertEdges(const Job& job) {
  for (const auto& edge : job.edges) {
    // A staging table is a target with a mark: a program that knows no staging reads it as a target.
    const bool staging = edge.role == Role::kStaging;
    Status status =
        database_->Run(kInsertEdge, job.id, edge.connection_id, RoleName(staging ? Role::kTarget : edge.role),
                       std::string_view(edge.schema), std::string_view(edge.table), staging, FoundName(edge.found));
    if (!status.ok()) return MissingConnection(std::move(status).TakeError(), edge.connection_id);
  }
  return {};
}

Result<Job> SqliteTransaction::InsertJob(Job job) {
  BERTH_TRY(Ready());
  job.id = 0;
  BERTH_TRY(RefuseTakenName(job));
  const auto work = [&]() -> Status {
    BERTH_ASSIGN(auto insert, database_->Prepare(kInsert));
    BindColumns(insert, job, Now(), context_->actor);
    BERTH_TRY(NamingConnection(insert.Run(), job));
    job.id = database_->LastInsertId();
    BERTH_TRY(InsertEdges(job));
    return NoteChange(job, job.external ? "attach" : "create", {});
  };
  BERTH_TRY(AllOrNothing(work));
  BERTH_ASSIGN(auto stored, FindJob(job.name));
  return *std::move(stored);
}

Result<Job> SqliteTransaction::UpdateJob(Job job) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto old, ReadJob(database_->Query(kFindById, job.id)));
  if (!old) return NoJob(job.id);
  BERTH_TRY(RefuseTakenName(job));
  const auto work = [&]() -> Status {
    BERTH_ASSIGN(auto update, database_->Prepare(kUpdate));
    BindColumns(update, job, Now(), context_->actor);
    update.Bind(job.id);
    BERTH_TRY(NamingConnection(update.Run(), job));
    BERTH_TRY(database_->Run(kDeleteEdges, job.id));
    BERTH_TRY(InsertEdges(job));
    return NoteChange(job, old->name == job.name ? "alter" : "rename", ChangedOptions(*old, job), &*old);
  };
  BERTH_TRY(AllOrNothing(work));
  BERTH_ASSIGN(auto stored, FindJob(job.name));
  return *std::move(stored);
}

Status SqliteTransaction::DeleteJob(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto old, ReadJob(database_->Query(kFindById, id)));
  if (!old) return NoJob(id);
  BERTH_TRY(database_->Run(kDeleteEdges, id));
  BERTH_TRY(database_->Run(kDelete, id));
  return NoteChange(*old, "drop", {});
}

}  // namespace berth::catalog
