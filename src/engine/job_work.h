#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "berth/engine.h"
#include "berth/error.h"
#include "catalog/records.h"
#include "engine/job_run.h"

// What a scheduler needs of an engine beyond statements.
namespace berth::engine {

struct ScheduledJobs {
  std::vector<catalog::Job> jobs;                 // with their last run as it is recorded; the paused ones too
  std::map<std::int64_t, catalog::Pause> paused;  // the paused ones of their connections, by id; may be over
};

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
  virtual Result<ScheduledJobs> Scheduled() = 0;  // the jobs that have a schedule
  // Whether some process of this machine runs the job now.
  virtual bool Running(std::int64_t job_id) = 0;
  // The job's last run is recorded as open: if nobody runs it, that it was cut off is recorded. True: it was so.
  virtual Result<bool> SettleCutOff(std::int64_t job_id) = 0;
  virtual Result<std::int64_t> CatalogVersion() = 0;  // Scheduled() changes only where this does
  virtual std::unique_ptr<TickRunner> NewRunner() = 0;
};

JobWork& JobWorkOf(Engine& engine);

}  // namespace berth::engine
