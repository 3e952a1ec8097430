#include "engine/job_work.h"

#include <set>

#include "base/try.h"
#include "engine/conversation.h"
#include "engine/job_lock.h"
#include "engine/job_work_impl.h"

namespace berth::engine {
namespace {

// A conversation of its own for each run.
class TickRunnerImpl final : public TickRunner {
 public:
  TickRunnerImpl(const Shared& shared, Watch& watch) : conversation_(shared, watch) {}

  Result<std::optional<JobEnd>> Run(const JobRequest& request) override {
    return conversation_.RunTick(request, Deadline::Never());
  }
  void Cancel() override { conversation_.Cancel(); }

 private:
  ConversationImpl conversation_;
};

}  // namespace

Result<ScheduledJobs> JobWorkImpl::Scheduled() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  ScheduledJobs scheduled;
  BERTH_ASSIGN(scheduled.jobs, transaction->ListScheduledJobs());
  std::set<std::int64_t> seen;
  for (const auto& job : scheduled.jobs) {
    const auto id = job.connection_id.value_or(0);
    if (!seen.insert(id).second) continue;
    BERTH_ASSIGN(const auto connection, transaction->FindConnectionById(id));
    if (connection && connection->pause) scheduled.paused.emplace(id, *connection->pause);
  }
  return scheduled;
}

bool JobWorkImpl::Running(std::int64_t job_id) {
  return JobLock::Held(shared_.store, job_id);
}

Result<bool> JobWorkImpl::SettleCutOff(std::int64_t job_id) {
  return engine::SettleCutOff(shared_, job_id, Deadline::Never());
}

Result<std::int64_t> JobWorkImpl::CatalogVersion() {
  return shared_.store.DataVersion();
}

std::unique_ptr<TickRunner> JobWorkImpl::NewRunner() {
  return std::make_unique<TickRunnerImpl>(shared_, watch_);
}

}  // namespace berth::engine
