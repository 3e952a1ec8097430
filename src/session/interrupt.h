#pragma once

#include <atomic>

#include "base/mutex.h"
#include "session/unique_fd.h"

namespace berth::session {

// How Cancel() reaches the thread that waits for the server. Fire() may be called from any thread and never waits for
// more than a few instructions; it has an effect only while armed.
class Interrupt {
 public:
  Interrupt();

  void Arm() BERTH_EXCLUDES(mutex_);
  void Disarm() BERTH_EXCLUDES(mutex_);
  void Fire() BERTH_EXCLUDES(mutex_);
  bool fired() const noexcept { return fired_.load(std::memory_order_relaxed); }
  int fd() const noexcept { return fd_.get(); }  // readable once fired

 private:
  const UniqueFd fd_;
  std::atomic<bool> fired_{false};
  base::Mutex mutex_;
  bool armed_ BERTH_GUARDED_BY(mutex_) = false;
};

}  // namespace berth::session
