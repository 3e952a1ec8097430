#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/job_options.h"
#include "catalog/changed_options.h"
#include "engine/catalog_statements.h"
#include "engine/if_not_exists.h"
#include "engine/job_needs.h"
#include "engine/job_plan.h"
#include "engine/job_states.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/usages.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

// The catalog holds what a job runs, and holds it in clear.
Status CheckHoldsNoSecret(const parser::CreateJob& statement) {
  if (!parser::Redact(statement.body).held_secret) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("the body of job {} holds a secret, which would be stored in clear",
                                      base::QuoteIdentifier(statement.name.name)),
               .hint =
                   "COPY and UNLOAD take IAM_ROLE in place of keys. A literal that only looks like a secret because "
                   "it is compared with a column such as password or token may stand before the column.",
               .span = statement.name.span};
}

Result<catalog::Job> JobOf(const parser::CreateJob& statement, CatalogScope& scope) {
  BERTH_TRY(CheckHoldsNoSecret(statement));
  BERTH_ASSIGN(const auto options, bind::BindJob(statement.options));
  std::optional<catalog::Connection> chosen;
  if (options.connection) {
    BERTH_ASSIGN(chosen, RequireConnection(scope.transaction, *options.connection));
  }
  catalog::Job job;
  job.name = statement.name.name;
  job.script = statement.script;
  job.body = statement.body;
  ApplyPlan(options, job, scope.notices);
  BERTH_TRY(CheckPlan(job, statement.name.span, statement.body_span));
  StartTicking(job, scope.shared.clock.WallNow());
  const JobBody body{
      .job = statement.name.name, .name = statement.name.span, .text = statement.body, .place = statement.body_span};
  BERTH_ASSIGN(auto needs, NeedsOf(body, std::move(chosen), scope));
  job.sync = statement.sync;
  job.connection_id = needs.connection.id;
  job.comment = options.comment.value_or("");
  job.edges = std::move(needs.edges);
  return job;
}

Result<Outcome> DropOne(const parser::Identifier& name, bool if_exists, bool external, CatalogScope& scope) {
  const char* const tag = external ? "DETACH JOB" : "DROP JOB";
  BERTH_ASSIGN(const auto found, scope.transaction.FindJob(name.name));
  if (!found && if_exists) {
    TellNoChange(scope.notices, fmt::format("job {} does not exist.", base::QuoteIdentifier(name.name)));
    return Command(tag);
  }
  BERTH_ASSIGN(const auto job, RequireJob(scope.transaction, name));
  if (job.external != external) {
    return Error{
        .code = ErrorCode::kFailedPrecondition,
        .message = fmt::format("job {} {}", base::QuoteIdentifier(job.name),
                               external ? "was made by CREATE JOB" : "lives elsewhere: ATTACH JOB recorded it"),
        .hint = fmt::format("{} JOB {} takes it out of the catalog.", external ? "DROP" : "DETACH",
                            base::QuoteIdentifier(job.name)),
        .span = name.span};
  }
  BERTH_TRY(scope.transaction.DeleteJob(job.id));
  return Command(tag);
}

}  // namespace

Result<Outcome> Run(const parser::CreateJob& statement, CatalogScope& scope) {
  if (statement.or_replace && statement.if_not_exists) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = "OR REPLACE and IF NOT EXISTS exclude each other",
                 .hint = "Write one of them.",
                 .span = statement.name.span};
  }
  BERTH_ASSIGN(auto job, JobOf(statement, scope));
  BERTH_ASSIGN(const auto found, scope.transaction.FindJob(job.name));
  if (found && statement.if_not_exists) {
    return LeaveAsItIs({.named = "job " + base::QuoteIdentifier(job.name),
                        .differing = catalog::ChangedOptions(*found, job),
                        .tag = "CREATE JOB",
                        .span = statement.name.span},
                       scope.settings, scope.notices);
  }
  if (found && statement.or_replace) {
    job.id = found->id;
    job.stamp = found->stamp;
    job.pause = found->pause;
    if (SameTimes(job.plan, found->plan)) job.ticked = found->ticked;
    BERTH_ASSIGN(const auto updated, scope.transaction.UpdateJob(std::move(job)));
    static_cast<void>(updated);
    return Command("CREATE JOB");
  }
  BERTH_ASSIGN(const auto existing, scope.transaction.FindJobLike(job.name));
  BERTH_TRY(CheckNewName("job", statement.name, existing, kOnCreateHint));
  BERTH_ASSIGN(const auto inserted, scope.transaction.InsertJob(std::move(job)));
  static_cast<void>(inserted);
  return Command("CREATE JOB");
}

Result<Outcome> Run(const parser::DropJob& statement, CatalogScope& scope) {
  return DropOne(statement.name, statement.if_exists, /*external=*/false, scope);
}

Result<Outcome> Run(const parser::AttachJob& statement, CatalogScope& scope) {
  catalog::Job job;
  job.name = statement.name.name;
  job.external = true;
  for (const auto& name : statement.connections) {
    BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, name));
    const bool twice = std::any_of(job.edges.begin(), job.edges.end(),
                                   [&](const catalog::Edge& edge) { return edge.connection_id == connection.id; });
    if (!twice) job.edges.push_back({.connection_id = connection.id, .role = catalog::Role::kConnection});
  }
  BERTH_ASSIGN(const auto existing, scope.transaction.FindJobLike(job.name));
  BERTH_TRY(CheckNewName("job", statement.name, existing, "Choose another name, or DETACH or DROP that job first."));
  BERTH_ASSIGN(const auto inserted, scope.transaction.InsertJob(std::move(job)));
  static_cast<void>(inserted);
  return Command("ATTACH JOB");
}

Result<Outcome> Run(const parser::DetachJob& statement, CatalogScope& scope) {
  return DropOne(statement.name, statement.if_exists, /*external=*/true, scope);
}

Result<Outcome> Run(const parser::DetachTable& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, statement.name.connection));
  const auto& schema = statement.name.schema.name;
  const auto& name = statement.name.table.name;
  BERTH_ASSIGN(const auto table, scope.transaction.FindTable(connection.id, schema, name));
  if (!table) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = fmt::format("table {} is not recorded for connection {}", TwoPartName(schema, name),
                                        base::QuoteIdentifier(connection.name)),
                 .hint = fmt::format("SHOW DEPENDENTS OF CONNECTION {} lists those that are.",
                                     base::QuoteIdentifier(connection.name)),
                 .span = statement.name.table.span};
  }
  BERTH_ASSIGN(auto jobs, scope.transaction.JobsOnTable(connection.id, schema, name));
  SeeCutOff(scope.shared, jobs);
  if (!jobs.empty()) return TableInUseError("detach", TwoPartName(schema, name), jobs, statement.name.table.span);
  BERTH_TRY(scope.transaction.DeleteTable(table->id));
  return Command("DETACH TABLE");
}

}  // namespace berth::engine
