#include <utility>

#include "base/try.h"
#include "catalog/job_run_columns.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"
#include "catalog/utc.h"

// Who needs a connection or a table. Each question is one look into an index, however many jobs there are.
namespace berth::catalog {
namespace {

constexpr std::string_view kTables =
    "SELECT schema_name, table_name, state, attached FROM tables WHERE connection_id = ?"
    " ORDER BY schema_name, table_name";
#define BERTH_JOB_STATE "j.id, j.run_interval_ms > 0 OR j.schedule <> '', j.paused_at IS NOT NULL, r.state"
#define BERTH_LAST_RUN "LEFT JOIN job_runs AS r ON r.id = j.last_run_id"
// A job that runs on the connection depends on it even if none of its edges say so.
constexpr std::string_view kJobs =
    "SELECT j.name, j.external, CASE e.staging WHEN 1 THEN 'staging' ELSE e.role END, e.schema_name, e.table_name,"
    " e.found, " BERTH_JOB_STATE " FROM job_edges AS e JOIN jobs AS j ON j.id = e.job_id " BERTH_LAST_RUN
    " WHERE e.connection_id = ?1"
    " UNION ALL"
    " SELECT j.name, j.external, 'connection', '', '', 'declared', " BERTH_JOB_STATE " FROM jobs AS j " BERTH_LAST_RUN
    " WHERE j.connection_id = ?1"
    " AND NOT EXISTS (SELECT 1 FROM job_edges AS e WHERE e.job_id = j.id AND e.connection_id = ?1)"
    " ORDER BY 1, 3 DESC, 4, 5";
constexpr std::string_view kJobsOnTable =
    "SELECT j.name, j.external, CASE e.staging WHEN 1 THEN 'staging' ELSE e.role END, e.schema_name, e.table_name,"
    " e.found, " BERTH_JOB_STATE " FROM job_edges AS e JOIN jobs AS j ON j.id = e.job_id " BERTH_LAST_RUN
    " WHERE e.connection_id = ? AND e.schema_name = ? AND e.table_name = ? ORDER BY 1, 3 DESC";
#undef BERTH_JOB_STATE
#undef BERTH_LAST_RUN
constexpr std::int64_t kUsesMax = 50;  // a connection; the oldest are forgotten
constexpr std::string_view kUses =
    "SELECT used_by, last_used_at FROM connection_uses WHERE connection_id = ? ORDER BY last_used_at DESC, used_by";
constexpr std::string_view kUsedSince =
    "SELECT 1 FROM connection_uses WHERE connection_id = ? AND used_by = ? AND last_used_at >= ?";
constexpr std::string_view kNoteUse =
    "INSERT INTO connection_uses (connection_id, used_by, last_used_at) SELECT id, ?2, ?3 FROM connections WHERE id = "
    "?1"
    " ON CONFLICT DO UPDATE SET last_used_at = excluded.last_used_at";
constexpr std::string_view kForgetUses =
    "DELETE FROM connection_uses WHERE connection_id = ?1 AND used_by IN"
    " (SELECT used_by FROM connection_uses WHERE connection_id = ?1 ORDER BY last_used_at DESC LIMIT -1 OFFSET ?2)";

Result<std::vector<DependentJob>> ReadJobs(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto rows, std::move(query));
  std::vector<DependentJob> jobs;
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return jobs;
    jobs.push_back({.name = rows.Text(0),
                    .external = rows.Integer(1) != 0,
                    .role = RoleOf(rows.Text(2)),
                    .schema = rows.Text(3),
                    .table = rows.Text(4),
                    .found = FoundOf(rows.Text(5)),
                    .id = rows.Integer(6),
                    .scheduled = rows.Integer(7) != 0,
                    .paused = rows.Integer(8) != 0,
                    .last_run = rows.IsNull(9) ? std::nullopt : std::optional(RunStateOf(rows.Text(9)))});
  }
}

}  // namespace

Result<Dependents> SqliteTransaction::DependentsOf(std::int64_t connection_id) {
  BERTH_TRY(Ready());
  Dependents dependents;
  BERTH_ASSIGN(auto rows, database_->Query(kTables, connection_id));
  for (bool more = true; more;) {
    BERTH_ASSIGN(more, rows.Step());
    if (!more) break;
    dependents.tables.push_back({.schema = rows.Text(0),
                                 .name = rows.Text(1),
                                 .state = TableStateOf(rows.Text(2)),
                                 .attached = rows.Integer(3) != 0});
  }
  BERTH_ASSIGN(dependents.jobs, ReadJobs(database_->Query(kJobs, connection_id)));
  BERTH_ASSIGN(auto uses, database_->Query(kUses, connection_id));
  while (true) {
    BERTH_ASSIGN(const bool use, uses.Step());
    if (!use) return dependents;
    dependents.uses.push_back({.used_by = uses.Text(0), .last_used_at = uses.Text(1)});
  }
}

Result<bool> SqliteTransaction::UsedWithin(std::int64_t connection_id, std::chrono::milliseconds within) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kUsedSince, connection_id, std::string_view(context_->actor),
                                          std::string_view(UtcText(context_->clock->WallNow() - within))));
  return row.Step();
}

Status SqliteTransaction::NoteUse(std::int64_t connection_id) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kNoteUse, connection_id, std::string_view(context_->actor), std::string_view(Now())));
  return database_->Run(kForgetUses, connection_id, kUsesMax);
}

Result<std::vector<DependentJob>> SqliteTransaction::JobsOnTable(std::int64_t connection_id, std::string_view schema,
                                                                 std::string_view table) {
  BERTH_TRY(Ready());
  return ReadJobs(database_->Query(kJobsOnTable, connection_id, schema, table));
}

}  // namespace berth::catalog
