#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "bind/job_options.h"
#include "engine/catalog_statements.h"
#include "engine/job_needs.h"
#include "engine/job_plan.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/rename_in_jobs.h"

// ALTER JOB: the definition stays but for what is named; what the body touches is looked for again.
namespace berth::engine {
namespace {

constexpr const char* kTag = "ALTER JOB";

Error LivesElsewhere(const catalog::Job& job, SourceSpan span) {
  return Error{
      .code = ErrorCode::kFailedPrecondition,
      .message = fmt::format("job {} lives elsewhere: ATTACH JOB recorded it", base::QuoteIdentifier(job.name)),
      .hint = "DETACH JOB and ATTACH JOB record it anew.",
      .span = span};
}

// The body's own names c.s.t go with the job.
Status MoveTo(const parser::Identifier& target, catalog::Job& job, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, RequireConnection(scope.transaction, target));
  if (job.connection_id == connection.id) return {};
  BERTH_ASSIGN(const auto old, scope.transaction.FindConnectionById(job.connection_id.value_or(0)));
  if (old) {
    BERTH_ASSIGN(job.body, BodyNaming(job, old->name, connection.name));
  }
  job.connection_id = connection.id;
  return {};
}

Status Set(const parser::AlterConnectionSet& change, catalog::Job& job, CatalogScope& scope) {
  BERTH_ASSIGN(const auto options, bind::BindJob(change.options));
  if (options.comment) job.comment = *options.comment;
  ApplyPlan(options, job, scope.notices);
  if (options.connection) BERTH_TRY(MoveTo(*options.connection, job, scope));
  return {};
}

Status Rename(const parser::AlterConnectionRename& change, catalog::Job& job, CatalogScope& scope) {
  if (change.new_name.name == job.name) return {};
  BERTH_ASSIGN(auto existing, scope.transaction.FindJobLike(change.new_name.name));
  if (existing == job.name) existing.reset();  // only the case of its own name changes
  BERTH_TRY(CheckNewName("job", change.new_name, existing, "Choose another name."));
  job.name = change.new_name.name;
  return {};
}

}  // namespace

Result<Outcome> Run(const parser::AlterJob& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindJob(statement.name.name));
  if (!found && statement.if_exists) {
    TellNoChange(scope.notices, fmt::format("job {} does not exist.", base::QuoteIdentifier(statement.name.name)));
    return Command(kTag);
  }
  BERTH_ASSIGN(const auto is, RequireJob(scope.transaction, statement.name));
  if (is.external) return LivesElsewhere(is, statement.name.span);
  catalog::Job job = is;
  if (const auto* set = std::get_if<parser::AlterConnectionSet>(&statement.change)) {
    BERTH_TRY(Set(*set, job, scope));
  } else if (const auto* unset = std::get_if<parser::AlterConnectionUnset>(&statement.change)) {
    BERTH_TRY(bind::BindJobUnset(*unset));
    for (const auto& option : unset->options) UnsetInPlan(option, job);
  } else {
    BERTH_TRY(Rename(std::get<parser::AlterConnectionRename>(statement.change), job, scope));
  }
  if (job.name == is.name && job.comment == is.comment && job.connection_id == is.connection_id &&
      job.plan == is.plan) {
    TellNoChange(scope.notices, fmt::format("job {} is defined so.", base::QuoteIdentifier(job.name)));
    return Command(kTag);
  }
  if (!(job.plan == is.plan)) {
    BERTH_TRY(CheckPlan(job, statement.name.span, std::nullopt));
    if (!SameTimes(job.plan, is.plan)) StartTicking(job, scope.shared.clock.WallNow());
  }
  BERTH_ASSIGN(auto connection, scope.transaction.FindConnectionById(job.connection_id.value_or(0)));
  BERTH_ASSIGN(auto needs, NeedsOf({.job = job.name, .name = statement.name.span, .text = job.body, .place = {}},
                                   std::move(connection), scope));
  job.edges = std::move(needs.edges);
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateJob(std::move(job)));
  static_cast<void>(updated);
  return Command(kTag);
}

}  // namespace berth::engine
