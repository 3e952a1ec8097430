#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "base/mutex.h"

namespace berth::pool {

// Lets another thread end a wait: give it to Acquire, and Cancel() from any thread makes that Acquire return
// kCancelled, now or when it comes to wait. Stays cancelled until Reset(). Must outlive the Acquire that it was given
// to; one Acquire at a time.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // Never blocks for longer than it takes to wake the waiter.
  void Cancel() {
    const base::MutexLock lock(mutex_);
    cancelled_ = true;
    if (wake_) wake_();
  }
  void Reset() { cancelled_ = false; }
  bool cancelled() const noexcept { return cancelled_; }

  // For who waits: `wake` is called by each Cancel() during this object's life, and no more once it is gone. It may
  // take locks, so they must not be held while a Watch is made or destroyed.
  class Watch {
   public:
    Watch(Cancellation* cancellation, std::function<void()> wake) : cancellation_(cancellation) {
      if (cancellation_ != nullptr) cancellation_->Set(std::move(wake));
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
      if (cancellation_ != nullptr) cancellation_->Set(nullptr);
    }
    bool cancelled() const noexcept { return cancellation_ != nullptr && cancellation_->cancelled(); }

   private:
    Cancellation* const cancellation_;
  };

 private:
  void Set(std::function<void()> wake) {
    const base::MutexLock lock(mutex_);
    wake_ = std::move(wake);
  }

  std::atomic<bool> cancelled_{false};
  base::Mutex mutex_;
  std::function<void()> wake_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::pool
