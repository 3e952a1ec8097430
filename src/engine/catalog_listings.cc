#include "engine/catalog_listings.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "catalog/utc.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/job_states.h"
#include "engine/usages.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

using Row = std::vector<std::optional<std::string>>;
constexpr auto kNumber = ValueKind::kInteger;
constexpr auto kYesNo = ValueKind::kBoolean;

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> Cell(const std::optional<TuningTime>& time) {
  return time ? std::optional(std::to_string(time->count())) : std::nullopt;
}
std::optional<std::string> Cell(const std::optional<TuningCount>& count) {
  return count ? std::optional(std::to_string(*count)) : std::nullopt;
}
std::optional<std::string> Cell(const std::optional<TuningText>& text) {
  return text;
}

std::string_view KindName(catalog::PasswordKind kind) {
  switch (kind) {
    case catalog::PasswordKind::kLiteral:
      return "literal";
    case catalog::PasswordKind::kEnv:
      return "env";
    case catalog::PasswordKind::kFile:
      return "file";
    case catalog::PasswordKind::kCommand:
      return "command";
    case catalog::PasswordKind::kPrompt:
      return "prompt";
    case catalog::PasswordKind::kSecret:
      return "secret";
  }
  return "";
}

void AddStamp(const catalog::Stamp& stamp, Row& row) {
  for (const auto* text : {&stamp.created_at, &stamp.created_by, &stamp.modified_at, &stamp.modified_by})
    row.emplace_back(*text);
}

void AddStampColumns(Listing& listing) {
  for (const std::string_view name : {"created_at", "created_by", "modified_at", "modified_by"})
    listing.columns.push_back({name});
}

std::optional<std::string> TimeCell(const std::optional<Clock::Wall>& time) {
  return time ? std::optional(catalog::UtcText(*time)) : std::nullopt;
}

// NULL: not given.
std::optional<std::string> Cell(std::chrono::milliseconds time) {
  return time.count() == 0 ? std::nullopt : std::optional(std::to_string(time.count()));
}

// From run_interval_ms to next_run_at.
void AddPlan(const catalog::Job& job, Clock::Wall now, Row& row) {
  const auto& plan = job.plan;
  row.insert(row.end(), {Cell(plan.run_interval), NullIfEmpty(plan.schedule), NullIfEmpty(plan.time_zone),
                         plan.auto_commit ? "t" : "f", Cell(plan.run_timeout), std::to_string(plan.retries),
                         std::to_string(plan.retry_delay.count())});
  row.push_back(job.pause ? TimeCell(job.pause->at) : std::nullopt);
  row.push_back(job.pause ? std::optional(job.pause->by) : std::nullopt);
  row.push_back(job.last_run ? TimeCell(job.last_run->started) : std::nullopt);
  row.push_back(job.last_run ? std::optional(std::string(catalog::RunStateName(job.last_run->state))) : std::nullopt);
  row.push_back(TimeCell(NextRun(job, now)));
}

Row ConnectionRow(const Shared& shared, const catalog::Connection& connection, Clock::Wall now) {
  const auto pause = connection.pause && !connection.pause->Over(now) ? connection.pause : std::nullopt;
  Row row = {connection.name,
             "redshift",
             parser::RedactUrl(connection.connection_string),
             connection.host,
             std::to_string(connection.port),
             connection.database,
             connection.user_name,
             std::string(KindName(connection.password_kind)),
             connection.next ? std::optional(std::string(KindName(connection.next->kind))) : std::nullopt,
             connection.secret ? std::optional(connection.secret->name) : std::nullopt,
             std::to_string(connection.max_concurrent_connections.value_or(bind::kSessionsDefault)),
             connection.group ? std::optional(connection.group->name) : std::nullopt,
             NullIfEmpty(connection.comment),
             std::string(ConnectionState(shared, connection)),
             pause ? std::optional(pause->by) : std::nullopt,
             pause ? std::optional(catalog::UtcText(pause->at)) : std::nullopt,
             pause && pause->until ? std::optional(catalog::UtcText(*pause->until)) : std::nullopt,
             pause ? NullIfEmpty(pause->comment) : std::nullopt};
  ForEachTuning([&](std::string_view, auto member) { row.push_back(Cell(connection.tuning.*member)); });
  row.emplace_back(std::to_string(connection.version));
  AddStamp(connection.stamp, row);
  return row;
}

}  // namespace

Result<Listing> ConnectionsListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"name"},
                     {"connection_type"},
                     {"connection_string"},
                     {"host"},
                     {"port", kNumber},
                     {"database_name"},
                     {"user_name"},
                     {"password_kind"},
                     {"password_next_kind"},
                     {"secret"},
                     {"max_concurrent_connections", kNumber},
                     {"connection_group"},
                     {"comment"},
                     {"state"},
                     {"paused_by"},
                     {"paused_at"},
                     {"paused_until"},
                     {"pause_comment"},
                     {"acquire_timeout_ms", kNumber},
                     {"connect_timeout_ms", kNumber},
                     {"statement_timeout_ms", kNumber},
                     {"idle_timeout_ms", kNumber},
                     {"max_lifetime_ms", kNumber},
                     {"keepalive_interval_ms", kNumber},
                     {"min_idle", kNumber},
                     {"max_waiters", kNumber},
                     {"reserved", kNumber},
                     {"cluster_identifier"},
                     {"workgroup"},
                     {"secret_arn"},
                     {"leak_warning_after_ms", kNumber},
                     {"version", kNumber}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto connections, scope.transaction.ListConnections());
  const auto now = scope.shared.clock.WallNow();
  for (const auto& connection : connections) listing.rows.push_back(ConnectionRow(scope.shared, connection, now));
  return listing;
}

Result<Listing> GroupsListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {
      {"name"}, {"max_concurrent_connections", kNumber}, {"reserved", kNumber}, {"connections", kNumber}, {"comment"}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto groups, scope.transaction.ListGroups());
  for (const auto& group : groups) {
    BERTH_ASSIGN(const auto members, scope.transaction.ConnectionsInGroup(group.id));
    std::int64_t reserved = 0;
    for (const auto& member : members) reserved += member.tuning.reserved.value_or(0);
    Row row = {group.name, std::to_string(group.max_concurrent_connections), std::to_string(reserved),
               std::to_string(members.size()), NullIfEmpty(group.comment)};
    AddStamp(group.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Result<Listing> UsagesListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"connection"}, {"object_type"}, {"object_name"}, {"role"}, {"table_name"}, {"state"}, {"found"}};
  BERTH_ASSIGN(const auto connections, scope.transaction.ListConnections());
  for (const auto& connection : connections) {
    BERTH_ASSIGN(auto dependents, scope.transaction.DependentsOf(connection.id));
    for (const auto& table : dependents.tables) {
      const auto name = TwoPartName(table.schema, table.name);
      listing.rows.push_back({connection.name, "table", name, std::nullopt, name,
                              std::string(TableStateName(table.state, table.attached)), std::nullopt});
    }
    SeeCutOff(scope.shared, dependents.jobs);
    for (const auto& job : dependents.jobs) {
      listing.rows.push_back({connection.name, "job", job.name, std::string(catalog::RoleName(job.role)),
                              job.table.empty() ? std::nullopt : std::optional(TwoPartName(job.schema, job.table)),
                              JobStateText(job), std::string(catalog::FoundName(job.found))});
    }
  }
  return listing;
}

Result<Listing> TablesListing(CatalogScope& scope) {
  Listing listing;
  // Of `comment` clients of Upsolver's ask; what a table has of it is the warehouse's.
  listing.columns = {{"catalog"}, {"schema"}, {"name"}, {"state"}, {"attached", kYesNo}, {"comment"}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto connections, scope.transaction.ListConnections());
  for (const auto& connection : connections) {
    BERTH_ASSIGN(const auto dependents, scope.transaction.DependentsOf(connection.id));
    for (const auto& dependent : dependents.tables) {
      BERTH_ASSIGN(const auto table, scope.transaction.FindTable(connection.id, dependent.schema, dependent.name));
      if (!table) continue;
      Row row = {connection.name,
                 table->schema,
                 table->name,
                 std::string(TableStateName(table->state, table->attached)),
                 table->attached ? "t" : "f",
                 std::nullopt};
      AddStamp(table->stamp, row);
      listing.rows.push_back(std::move(row));
    }
  }
  return listing;
}

Result<Listing> JobsListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"name"},
                     {"connection"},
                     {"external", kYesNo},
                     {"sync", kYesNo},
                     {"script", kYesNo},
                     {"comment"},
                     {"state"},
                     {"run_interval_ms", kNumber},
                     {"schedule"},
                     {"time_zone"},
                     {"auto_commit", kYesNo},
                     {"run_timeout_ms", kNumber},
                     {"retries", kNumber},
                     {"retry_delay_ms", kNumber},
                     {"paused_at"},
                     {"paused_by"},
                     {"last_run_at"},
                     {"last_run_state"},
                     {"next_run_at"},
                     {"version", kNumber}};
  AddStampColumns(listing);
  BERTH_ASSIGN(auto jobs, scope.transaction.ListJobs());
  for (auto& job : jobs) {
    if (job.last_run) SeeCutOff(scope.shared, *job.last_run);
    std::optional<std::string> connection;
    if (job.connection_id) {
      BERTH_ASSIGN(const auto found, scope.transaction.FindConnectionById(*job.connection_id));
      if (found) connection = found->name;
    }
    const auto flag = [](bool on) { return on ? "t" : "f"; };
    Row row = {job.name,         std::move(connection),    flag(job.external), flag(job.sync),
               flag(job.script), NullIfEmpty(job.comment), JobStateText(job)};
    AddPlan(job, scope.shared.clock.WallNow(), row);
    row.emplace_back(std::to_string(job.version));
    AddStamp(job.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Result<Listing> JobRunsListing(CatalogScope& scope) {
  return JobRunsListing(scope, std::nullopt);
}

Result<Listing> JobRunsListing(CatalogScope& scope, std::optional<std::int64_t> job_id) {
  Listing listing;
  listing.columns = {
      {"run", kNumber}, {"job"},      {"connection"},           {"due_at"},        {"attempt", kNumber}, {"state"},
      {"started_at"},   {"ended_at"}, {"duration_ms", kNumber}, {"rows", kNumber}, {"sqlstate"},         {"error"},
      {"notices"},      {"run_by"},   {"pid", kNumber}};
  BERTH_ASSIGN(auto runs, scope.transaction.ListJobRuns(job_id, kJobRunsShownMax));
  for (auto& run : runs) {
    SeeCutOff(scope.shared, run);
    const auto state = std::string(catalog::RunStateName(run.state)) + (run.in_doubt ? ", in doubt" : "");
    listing.rows.push_back({std::to_string(run.id), run.job, run.connection, TimeCell(run.tick),
                            std::to_string(run.attempt), state, TimeCell(run.started), TimeCell(run.ended),
                            run.ended ? std::optional(std::to_string(run.duration.count())) : std::nullopt,
                            run.rows ? std::optional(std::to_string(*run.rows)) : std::nullopt,
                            NullIfEmpty(run.sqlstate), NullIfEmpty(run.error), NullIfEmpty(run.notices), run.run_by,
                            std::to_string(run.pid)});
  }
  return listing;
}

Result<Listing> SecretsListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"name"}, {"kind"}, {"connections", kNumber}, {"version", kNumber}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto secrets, scope.transaction.ListSecrets());
  for (const auto& secret : secrets) {
    BERTH_ASSIGN(const auto users, scope.transaction.ConnectionsWithSecret(secret.id));
    Row row = {secret.name, std::string(KindName(secret.kind)), std::to_string(users.size()),
               std::to_string(secret.version)};
    AddStamp(secret.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

}  // namespace berth::engine
