#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/job_plan.h"
#include "engine/memory_rows.h"
#include "engine/names.h"

namespace berth::engine {
namespace {

Result<catalog::Job> RequireOwnJob(const parser::Identifier& name, CatalogScope& scope) {
  BERTH_ASSIGN(auto job, RequireJob(scope.transaction, name));
  if (!job.external) return job;
  return Error{
      .code = ErrorCode::kFailedPrecondition,
      .message = fmt::format("job {} lives elsewhere: it is not Berth that runs it", base::QuoteIdentifier(job.name)),
      .hint = "Pause it where it runs.",
      .span = name.span};
}

}  // namespace

Result<Outcome> Run(const parser::PauseJob& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto job, RequireOwnJob(statement.name, scope));
  const auto name = base::QuoteIdentifier(job.name);
  if (job.pause) {
    TellNoChange(scope.notices, fmt::format("job {} is paused.", name));
    return Command("PAUSE JOB");
  }
  if (!job.plan.scheduled()) {
    Tell(scope.notices, "NOTICE", fmt::format("job {} has no schedule that could rest", name), {},
         "RUN JOB still runs it.");
  }
  job.pause = catalog::JobPause{.at = scope.shared.clock.WallNow(), .by = scope.transaction.actor()};
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateJob(std::move(job)));
  static_cast<void>(updated);
  return Command("PAUSE JOB");
}

// What was due meanwhile was not wanted.
Result<Outcome> Run(const parser::ResumeJob& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto job, RequireOwnJob(statement.name, scope));
  if (!job.pause) {
    TellNoChange(scope.notices, fmt::format("job {} is not paused.", base::QuoteIdentifier(job.name)));
    return Command("RESUME JOB");
  }
  job.pause.reset();
  StartTicking(job, scope.shared.clock.WallNow());
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateJob(std::move(job)));
  static_cast<void>(updated);
  return Command("RESUME JOB");
}

}  // namespace berth::engine
