#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "berth/deadline.h"
#include "engine/job_work.h"

namespace berth::jobs {

struct SchedulerOptions {
  std::size_t runs_max = 4;                     // at a time, in this process
  std::chrono::milliseconds look_every{1'000};  // how soon a change of the catalog is seen
};

// Runs jobs when they are due, each on its own connection and through its pool. Several of them on one catalog, in as
// many processes, share the work: each tick is run by one, and what one leaves by its death another takes over.
class Scheduler {
 public:
  // Its threads begin at once. `work` (JobWorkOf an engine) must outlive it.
  static std::unique_ptr<Scheduler> Start(engine::JobWork& work, SchedulerOptions options, const Clock& clock);
  virtual ~Scheduler() = default;  // as Stop(), and what runs is cancelled at once
  // Begins no more runs, lets those that run end until the deadline, cancels the others, and returns when all have
  // ended. From one thread, once.
  virtual void Stop(Deadline drain) = 0;
};

inline constexpr std::size_t kRunsMax = 256;  // of SchedulerOptions::runs_max

}  // namespace berth::jobs
