#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/records.h"
#include "engine/cancel_point.h"
#include "engine/shared.h"
#include "pool/pool.h"

namespace berth::engine {

// One run to be made: RUN JOB, or an attempt at a tick.
struct JobRequest {
  std::int64_t job_id = 0;
  std::optional<Clock::Wall> tick;
  std::int32_t attempt = 1;
  std::optional<std::chrono::milliseconds> timeout;  // in place of RUN_TIMEOUT
};

// What a run needs of its conversation.
struct JobScope {
  const Shared& shared;
  const NoticeSink& notices;
  const StepSink& steps;
  CancelPoint& cancel;
  Deadline deadline;
  std::function<Result<pool::Lease>(const catalog::Connection&)> lease_on;
};

struct JobEnd {
  catalog::JobRun run;  // as it is recorded
  std::optional<Error> error;
};

// Runs a job on its connection, and keeps others from running it meanwhile. The run is recorded before it waits for a
// session, again before anything is sent, and when it has ended; a death in between shows by the lock that nobody
// holds. nullopt (of a tick only): it is not this caller's to run; somebody else has it, has had it, or the job is
// paused, altered or gone. A run that failed is a JobEnd with its error. Errors: kFailedPrecondition (55006: the job
// runs now, says since when and who runs it), kNotFound, the catalog's: nothing ran.
Result<std::optional<JobEnd>> RunJob(const JobRequest& request, const JobScope& scope);

// What is recorded of a run that was cut off; `run` is open and its lock is free, or held by the caller.
catalog::JobRun CutOff(catalog::JobRun run, Clock::Wall now);
// Records it, if the job's last run is open and nobody holds its lock. True: it was so.
Result<bool> SettleCutOff(const Shared& shared, std::int64_t job_id, Deadline deadline);

inline constexpr std::size_t kRunNoticesMax = 100;          // kept of one run
inline constexpr std::size_t kRunTextBytesMax = 16u << 10;  // 16 KiB: of its notices, and of its error

}  // namespace berth::engine
