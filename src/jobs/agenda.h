#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "engine/job_work.h"

namespace berth::jobs {

// An attempt that is due now.
struct Due {
  std::int64_t job_id = 0;
  std::string job;
  Clock::Wall tick{};
  std::int32_t attempt = 1;
};

struct Agenda {
  std::vector<Due> due;               // the longest due first
  std::vector<std::int64_t> cut_off;  // jobs whose last run is recorded as open and which nobody runs
  std::optional<Clock::Wall> next;    // when something will be due that is not yet
};

// What is to be done about the jobs (JobWork::Scheduled) at `now`. Of ticks that were missed the last one counts. A
// failed attempt is made again after RETRY_DELAY, twice that, and so on, until RETRIES are used up or the next tick is
// there; one that is in doubt is not, because it may have been done. A job that runs is never due, nor one whose
// connection is paused: what it misses counts as missed. A SYNC job is due once its upstream SYNC jobs, those that
// write what it reads, have done all that was due until its tick, and the last run of each succeeded; paused ones are
// not waited for, nor those that wait for this one in turn. `running`: whether some process runs that job.
Agenda AgendaOf(const engine::ScheduledJobs& scheduled, Clock::Wall now,
                const std::function<bool(std::int64_t job_id)>& running);

// How long after a failed attempt the next one is made.
std::chrono::milliseconds RetryDelay(const catalog::JobPlan& plan, std::int32_t attempt);

inline constexpr std::chrono::milliseconds kRetryDelayMax{3'600'000};

}  // namespace berth::jobs
