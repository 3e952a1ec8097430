#pragma once

#include <memory>

#include "engine/job_work.h"
#include "engine/shared.h"
#include "engine/watch.h"

namespace berth::engine {

class JobWorkImpl final : public JobWork {
 public:
  JobWorkImpl(const Shared& shared, Watch& watch) : shared_(shared), watch_(watch) {}

  Result<ScheduledJobs> Scheduled() override;
  bool Running(std::int64_t job_id) override;
  Result<bool> SettleCutOff(std::int64_t job_id) override;
  Result<std::int64_t> CatalogVersion() override;
  std::unique_ptr<TickRunner> NewRunner() override;

 private:
  const Shared& shared_;
  Watch& watch_;
};

}  // namespace berth::engine
