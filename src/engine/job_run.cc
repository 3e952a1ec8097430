#include "engine/job_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "base/try.h"
#include "bind/option_values.h"
#include "catalog/utc.h"
#include "engine/job_body.h"
#include "engine/job_lock.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

using catalog::RunState;
using std::chrono::milliseconds;

struct Claim {
  catalog::Job job;
  catalog::Connection connection;
  catalog::JobRun run;
};

Error RunsNow(const catalog::Job& job) {
  Error error{
      .code = ErrorCode::kFailedPrecondition,
      .message = fmt::format("job {} runs now: it does not run twice at a time", base::QuoteIdentifier(job.name)),
      .hint = fmt::format("SHOW JOB RUNS OF {} says how it goes.", base::QuoteIdentifier(job.name)),
      .sqlstate = "55006"};
  if (job.last_run && job.last_run->open()) {
    error.detail = fmt::format("It is run by {} (process {}), since {}.", job.last_run->run_by, job.last_run->pid,
                               catalog::UtcText(job.last_run->started));
  }
  return error;
}

Error NoSuchJob() {
  return {.code = ErrorCode::kNotFound, .message = "the job was dropped"};
}

// Of a tick: whether the job, as it is now, still wants it.
bool Wants(const catalog::Job& job, const JobRequest& request) {
  if (!request.tick) return true;
  if (job.pause || !job.plan.scheduled()) return false;
  if (!job.ticked || *job.ticked < *request.tick) return request.attempt == 1;
  const auto& last = job.last_run;
  if (!last || last->tick != request.tick) return false;
  if (last->state == RunState::kAbandoned) return request.attempt == last->attempt;
  return last->state == RunState::kFailed && !last->in_doubt && request.attempt == last->attempt + 1;
}

// Called with the job's lock held: an open run can only be one that was cut off.
Status Settle(catalog::Job& job, catalog::Transaction& transaction, Clock::Wall now) {
  if (!job.last_run || !job.last_run->open()) return {};
  job.last_run = CutOff(*std::move(job.last_run), now);
  return transaction.UpdateJobRun(*job.last_run);
}

Result<std::optional<Claim>> Take(const JobRequest& request, const JobScope& scope) {
  BERTH_ASSIGN(const auto transaction,
               scope.shared.store.Begin(catalog::Access::kWrite, CatalogDeadline(scope.shared, scope.deadline)));
  BERTH_ASSIGN(auto job, transaction->FindJobById(request.job_id));
  if (!job || !job->connection_id) {
    if (request.tick) return std::optional<Claim>();
    return NoSuchJob();
  }
  BERTH_TRY(Settle(*job, *transaction, scope.shared.clock.WallNow()));
  BERTH_ASSIGN(auto connection, transaction->FindConnectionById(*job->connection_id));
  if (!connection) return NoSuchJob();
  const bool wanted = Wants(*job, request);
  Claim claim{.job = *std::move(job), .connection = *std::move(connection), .run = {}};
  if (wanted) {
    auto run = transaction->InsertJobRun({.job_id = claim.job.id,
                                          .job = claim.job.name,
                                          .connection = claim.connection.name,
                                          .tick = request.tick,
                                          .attempt = request.attempt});
    if (!run.ok() && run.error().code == ErrorCode::kAlreadyExists) return std::optional<Claim>();
    BERTH_ASSIGN(claim.run, std::move(run));
  }
  BERTH_TRY(transaction->Commit());
  return wanted ? std::optional(std::move(claim)) : std::nullopt;
}

Status Record(const catalog::JobRun& run, const Shared& shared, Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, shared.store.Begin(catalog::Access::kWrite, CatalogDeadline(shared, deadline)));
  BERTH_TRY(transaction->UpdateJobRun(run));
  return transaction->Commit();
}

// What a run says for its record: secrets masked, and not without end.
class RunNotices {
 public:
  void Add(const Notice& notice) {
    const auto line = parser::Redact(fmt::format("{}: {}", notice.severity, notice.message)).text;
    if (count_++ < kRunNoticesMax && text_.size() + line.size() < kRunTextBytesMax) {
      text_ += (text_.empty() ? "" : "\n") + line;
      ++kept_;
    }
  }
  std::string Text() const { return kept_ == count_ ? text_ : fmt::format("{}\nand {} more", text_, count_ - kept_); }

 private:
  std::string text_;
  std::size_t count_ = 0, kept_ = 0;
};

// `said`: by RUN JOB .. TIMEOUT, and not by the job's RUN_TIMEOUT.
Error Explain(Error error, const catalog::Job& job, milliseconds timeout, bool said, Deadline own, const Clock& clock) {
  error.span.reset();  // it counts in what was sent, not in RUN JOB
  if (error.code != ErrorCode::kDeadlineExceeded || timeout.count() == 0 || !own.Passed(clock)) return error;
  error.message = fmt::format("job {} was cancelled: it ran for more than {}", base::QuoteIdentifier(job.name),
                              bind::TimeText(timeout));
  const auto name = base::QuoteIdentifier(job.name);
  error.hint =
      said ? fmt::format("RUN JOB {} TIMEOUT .. gives it longer; without TIMEOUT its own RUN_TIMEOUT counts.", name)
           : fmt::format("ALTER JOB {} SET RUN_TIMEOUT = .. changes it; 0 turns it off.", name);
  return error;
}

// Once it holds a session: nothing has been sent yet.
BodyEnd RunOn(session::Session& session, Claim& claim, const JobRequest& request, const JobScope& scope) {
  if (auto cancellable = scope.cancel.Running(&session); !cancellable.ok())
    return {.rows = {}, .error = std::move(cancellable).TakeError()};
  claim.run.state = RunState::kRunning;
  if (auto recorded = Record(claim.run, scope.shared, scope.deadline); !recorded.ok()) {
    claim.run.state = RunState::kWaiting;
    return {.rows = {}, .error = std::move(recorded).TakeError()};
  }
  const auto timeout = request.timeout.value_or(claim.job.plan.run_timeout);
  const auto own = timeout.count() > 0 ? Deadline::After(scope.shared.clock, timeout) : Deadline::Never();
  auto end = RunBody(claim.job, claim.connection, session, scope.shared.clock, scope.steps, own.Sooner(scope.deadline));
  if (end.error)
    end.error =
        Explain(*std::move(end.error), claim.job, timeout, request.timeout.has_value(), own, scope.shared.clock);
  return end;
}

BodyEnd Execute(Claim& claim, const JobRequest& request, const JobScope& scope) {
  RunNotices kept;
  BodyEnd end;
  {
    auto lease = scope.lease_on(claim.connection);
    if (!lease.ok()) {
      end.error = std::move(lease).TakeError();
      end.error->span.reset();
    } else {
      auto& session = *lease.value();
      session.SetNoticeSink([&](const Notice& notice) {
        kept.Add(notice);
        if (scope.notices) scope.notices(notice);
      });
      end = RunOn(session, claim, request, scope);
      scope.cancel.Leave();  // before the lease goes back
      session.SetNoticeSink(nullptr);
    }
  }
  claim.run.notices = kept.Text();
  return end;
}

void Close(catalog::JobRun& run, const BodyEnd& end, milliseconds took, Clock::Wall now) {
  run.state = end.error ? RunState::kFailed : RunState::kSucceeded;
  run.ended = now;
  run.duration = took;
  run.rows = end.rows;
  if (!end.error) return;
  run.in_doubt = end.error->in_doubt;
  run.sqlstate = std::string(end.error->Sqlstate());
  run.error = parser::Redact(end.error->message).text.substr(0, kRunTextBytesMax);
}

}  // namespace

catalog::JobRun CutOff(catalog::JobRun run, Clock::Wall now) {
  const bool sent = run.state == RunState::kRunning;
  run.state = sent ? RunState::kFailed : RunState::kAbandoned;
  run.in_doubt = sent;
  run.ended = now;
  run.duration = std::chrono::duration_cast<milliseconds>(std::max(now - run.started, Clock::Wall::duration(0)));
  run.sqlstate = sent ? "08007" : "57P01";
  run.error = sent ? fmt::format("process {} ended while the job ran: it may have been done or not", run.pid)
                   : fmt::format("process {} ended before anything of the job was sent", run.pid);
  return run;
}

Result<bool> SettleCutOff(const Shared& shared, std::int64_t job_id, Deadline deadline) {
  BERTH_ASSIGN(const auto lock, JobLock::Try(shared.store, job_id));
  if (!lock) return false;
  BERTH_ASSIGN(const auto transaction, shared.store.Begin(catalog::Access::kWrite, CatalogDeadline(shared, deadline)));
  BERTH_ASSIGN(auto job, transaction->FindJobById(job_id));
  if (!job || !job->last_run || !job->last_run->open()) return false;
  BERTH_TRY(Settle(*job, *transaction, shared.clock.WallNow()));
  BERTH_TRY(transaction->Commit());
  return true;
}

Result<std::optional<JobEnd>> RunJob(const JobRequest& request, const JobScope& scope) {
  const auto& clock = scope.shared.clock;
  BERTH_ASSIGN(const auto lock, JobLock::Try(scope.shared.store, request.job_id));
  if (!lock) {
    if (request.tick) return std::optional<JobEnd>();
    BERTH_ASSIGN(const auto transaction,
                 scope.shared.store.Begin(catalog::Access::kRead, CatalogDeadline(scope.shared, scope.deadline)));
    BERTH_ASSIGN(const auto job, transaction->FindJobById(request.job_id));
    return job ? RunsNow(*job) : NoSuchJob();
  }
  BERTH_ASSIGN(auto claim, Take(request, scope));
  if (!claim) return std::optional<JobEnd>();
  const auto began = clock.Now();
  auto end = Execute(*claim, request, scope);
  Close(claim->run, end, std::chrono::duration_cast<milliseconds>(clock.Now() - began), clock.WallNow());
  // The caller's deadline may have passed; how it ended is recorded all the same.
  if (const auto recorded = Record(claim->run, scope.shared, Deadline::Never()); !recorded.ok()) {
    log::Error("the end of run {} of job {} could not be recorded: {}", claim->run.id,
               base::QuoteIdentifier(claim->job.name), recorded.error().message);
    Tell(scope.notices, "WARNING",
         fmt::format("the end of run {} of job {} could not be recorded", claim->run.id,
                     base::QuoteIdentifier(claim->job.name)),
         recorded.error().message);
  }
  return std::optional(JobEnd{.run = std::move(claim->run), .error = std::move(end.error)});
}

}  // namespace berth::engine
