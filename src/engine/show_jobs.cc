#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/job_options.h"
#include "bind/option_values.h"
#include "catalog/utc.h"
#include "engine/catalog_listings.h"
#include "engine/catalog_statements.h"
#include "engine/job_plan.h"
#include "engine/job_states.h"
#include "engine/like.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/usages.h"
#include "parser/parse.h"

namespace berth::engine {
namespace {

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

parser::Option TextOption(std::string name, std::string text) {
  return {.name = {.name = std::move(name)}, .value = {.form = parser::ValueForm::kString, .text = std::move(text)}};
}

std::string CreateText(const catalog::Job& job, const std::string& connection) {
  parser::CreateJob create;
  create.sync = job.sync;
  create.name.name = job.name;
  if (!job.comment.empty()) create.options.push_back(TextOption("COMMENT", job.comment));
  create.options.push_back(
      {.name = {.name = "CONNECTION"}, .value = {.form = parser::ValueForm::kIdentifier, .text = connection}});
  for (auto& option : OptionsOf(job.plan)) create.options.push_back(std::move(option));
  create.script = job.script;
  create.body = job.body;
  return parser::Print(create, parser::PrintMode::kReadable) + ";";
}

// "c.schema.table (target)", one line an edge.
Result<std::string> Touched(const catalog::Job& job, catalog::Transaction& transaction) {
  std::string out;
  for (const auto& edge : job.edges) {
    BERTH_ASSIGN(const auto connection, transaction.FindConnectionById(edge.connection_id));
    if (!connection) continue;
    const auto name = base::QuoteIdentifier(connection->name);
    out += out.empty() ? "" : "\n";
    out += edge.table.empty() ? name : fmt::format("{}.{}", name, TwoPartName(edge.schema, edge.table));
    out += fmt::format(" ({})", catalog::RoleName(edge.role));
  }
  return out;
}

std::optional<std::string> TimeText(const std::optional<Clock::Wall>& time) {
  return time ? std::optional(catalog::UtcText(*time)) : std::nullopt;
}

std::optional<std::string> LastRunText(const catalog::Job& job) {
  if (!job.last_run) return std::nullopt;
  return fmt::format("{}{} {}", catalog::RunStateName(job.last_run->state), job.last_run->in_doubt ? ", in doubt" : "",
                     catalog::UtcText(job.last_run->started));
}

}  // namespace

Result<Outcome> Run(const parser::ShowJobs& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto all, scope.transaction.ListJobs());
  const auto now = scope.shared.clock.WallNow();
  RowsBuilder rows({"name", "connection", "kind", "state", "schedule", "last_run", "next_run", "touches", "comment"});
  for (auto& job : all) {
    if (statement.like && !MatchesLike(job.name, *statement.like)) continue;
    std::optional<std::string> connection;
    if (job.connection_id) {
      BERTH_ASSIGN(const auto found, scope.transaction.FindConnectionById(*job.connection_id));
      if (found) connection = found->name;
    }
    if (job.last_run) SeeCutOff(scope.shared, *job.last_run);
    BERTH_ASSIGN(auto touched, Touched(job, scope.transaction));
    const char* const kind = job.external ? "external" : (job.script ? "script" : "statement");
    rows.Add({job.name, connection, job.sync ? fmt::format("sync {}", kind) : kind, JobStateText(job),
              JobScheduleText(job.plan), LastRunText(job), TimeText(NextRun(job, now)), std::move(touched),
              NullIfEmpty(job.comment)});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowCreateJob& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto job, RequireJob(scope.transaction, statement.name));
  RowsBuilder rows({"name", "statement"});
  if (job.external) {
    parser::AttachJob attach;
    attach.name.name = job.name;
    for (const auto& edge : job.edges) {
      BERTH_ASSIGN(const auto connection, scope.transaction.FindConnectionById(edge.connection_id));
      if (connection) attach.connections.push_back({.name = connection->name});
    }
    std::ranges::sort(attach.connections, {}, &parser::Identifier::name);  // the same text from every catalog
    rows.Add({job.name, parser::Print(attach, parser::PrintMode::kReadable) + ";"});
    return rows.Build();
  }
  BERTH_ASSIGN(const auto connection, scope.transaction.FindConnectionById(job.connection_id.value_or(0)));
  rows.Add({job.name, CreateText(job, connection ? connection->name : std::string())});
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowJobRuns& statement, CatalogScope& scope) {
  std::optional<std::int64_t> job_id;
  if (statement.job) {
    BERTH_ASSIGN(const auto job, RequireJob(scope.transaction, *statement.job));
    job_id = job.id;
  }
  BERTH_ASSIGN(auto listing, JobRunsListing(scope, job_id));
  return RowsOf(std::move(listing));
}

}  // namespace berth::engine
