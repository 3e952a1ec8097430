#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "berth/deadline.h"
#include "berth/error.h"

namespace berth::migrations {

// One runner of migrations at a time on one catalog: a lock on a file beside it, which the kernel frees when its holder
// dies, however that happens.
class RunLock {
 public:
  // Waits until the deadline; `waiting` is told once who holds it ("process 4711 of ana@host, since 2026-11-22
  // 13:28:01"). Errors: kResourceExhausted (still held at the deadline, with its holder), kCatalogUnavailable.
  static Result<RunLock> Take(const std::string& path, const Clock& clock, Deadline deadline,
                              const std::function<void(const std::string& holder)>& waiting);

 private:
  explicit RunLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

inline constexpr std::chrono::milliseconds kLockLook{20};  // how often a waiter looks

}  // namespace berth::migrations
