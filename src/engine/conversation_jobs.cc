#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/job_options.h"
#include "catalog/utc.h"
#include "engine/conversation.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "pool/pool_texts.h"

namespace berth::engine {
namespace {

Outcome RowOf(const catalog::JobRun& run) {
  RowsBuilder rows({"run", "job", "state", "rows", "started_at", "duration_ms"});
  for (const std::size_t number : {0, 3, 5}) rows.Kind(number, ValueKind::kInteger);
  rows.Add({std::to_string(run.id), run.job, std::string(catalog::RunStateName(run.state)),
            run.rows ? std::optional(std::to_string(*run.rows)) : std::nullopt, catalog::UtcText(run.started),
            std::to_string(run.duration.count())});
  return rows.Build("RUN JOB");
}

}  // namespace

// A job has a session for itself. Nobody waits for himself: this conversation's own goes back first, or there is an
// error at once.
Result<std::optional<JobEnd>> ConversationImpl::RunHere(const JobRequest& request, Deadline deadline) {
  const JobScope scope{shared_,
                       notices_,
                       steps_,
                       cancel_,
                       deadline,
                       [&](const catalog::Connection& connection) BERTH_REQUIRES(mutex_) -> Result<pool::Lease> {
                         BERTH_TRY(warehouse_.MakeRoom(connection));
                         return warehouse_.LeaseOn(connection, deadline);
                       }};
  return RunJob(request, scope);
}

Result<Outcome> ConversationImpl::RunNow(const parser::RunJob& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("RUN JOB needs a warehouse"));
  BERTH_TRY(RefuseInTransaction("RUN JOB"));
  JobRequest request;
  if (statement.timeout) {
    BERTH_ASSIGN(request.timeout, bind::BindRunTimeout(*statement.timeout));
  }
  {
    BERTH_ASSIGN(const auto transaction,
                 shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
    BERTH_ASSIGN(const auto job, RequireJob(*transaction, statement.name));
    if (job.external) {
      return Error{.code = ErrorCode::kFailedPrecondition,
                   .message = fmt::format("job {} lives elsewhere: it has no body here that could be run",
                                          base::QuoteIdentifier(job.name)),
                   .hint = "Run it where it lives.",
                   .span = statement.name.span};
    }
    request.job_id = job.id;
  }
  BERTH_ASSIGN(auto end, RunHere(request, deadline));
  if (end->error) {
    Error error = *std::move(end->error);
    error.detail += fmt::format("{}It was run {} of job {}.", error.detail.empty() ? "" : "\n", end->run.id,
                                base::QuoteIdentifier(end->run.job));
    return error;
  }
  return RowOf(end->run);
}

Result<std::optional<JobEnd>> ConversationImpl::RunTick(const JobRequest& request, Deadline deadline) {
  if (base::ForkEpoch() != epoch_) return pool::ForkedError();
  const base::MutexLock lock(mutex_);
  cancel_.Enter();
  warehouse_.StatementStarts();
  auto end = RunHere(request, deadline);
  warehouse_.StatementEnded();
  cancel_.Leave();
  return end;
}

}  // namespace berth::engine
