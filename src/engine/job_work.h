#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "berth/engine.h"
#include "berth/error.h"
#include "catalog/records.h"
#include "engine/job_run.h"

// What a scheduler needs of an engine beyond statements.
namespace berth::engine {

// Makes one run. Run() on one thread, once; Cancel() from any.
class TickRunner {
 public:
  virtual ~TickRunner() = default;
  virtual Result<std::optional<JobEnd>> Run(const JobRequest& request) = 0;  // RunJob() of job_run.h
  virtual void Cancel() = 0;  // a run that has begun ends with kCancelled; otherwise no effect
};

// Safe from many threads; lives as long as its engine.
class JobWork {
 public:
  virtual ~JobWork() = default;
  // Jobs with a schedule, with their last run as it is recorded; the paused ones too.
  virtual Result<std::vector<catalog::Job>> Scheduled() = 0;
  // Whether some process of this machine runs the job now.
  virtual bool Running(std::int64_t job_id) = 0;
  // The job's last run is recorded as open: if nobody runs it, that it was cut off is recorded. True: it was so.
  virtual Result<bool> SettleCutOff(std::int64_t job_id) = 0;
  virtual Result<std::int64_t> CatalogVersion() = 0;  // Scheduled() changes only where this does
  virtual std::unique_ptr<TickRunner> NewRunner() = 0;
};

JobWork& JobWorkOf(Engine& engine);

}  // namespace berth::engine
