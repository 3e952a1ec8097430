#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/fork_guard.h"
#include "base/unique_fd.h"
#include "berth/error.h"
#include "catalog/store.h"

namespace berth::engine {

// The right to run one job, over all processes of this machine: a lock on byte <job id> of the file `.jobs` beside the
// catalog, of an open file of its own. The kernel frees it when the process dies, however that happens, and keeps it
// while the process is stopped. A run is recorded as open only while its lock is held: an open run without one was cut
// off.
class JobLock {
 public:
  // nullopt: the job runs now. Errors: kCatalogUnavailable (the file cannot be opened).
  static Result<std::optional<JobLock>> Try(const catalog::Store& store, std::int64_t job_id);
  // Whether anybody holds it, this process included. Where the file cannot be read: no.
  static bool Held(const catalog::Store& store, std::int64_t job_id);

 private:
  explicit JobLock(base::UniqueFd fd) : fd_(std::move(fd)), guard_(fd_.get()) {}
  base::UniqueFd fd_;
  base::ForkGuard guard_;  // a forked child must not keep it
};

}  // namespace berth::engine
