#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "berth/deadline.h"

namespace berth::test {

// Time that stands still until Advance(). Threads in WaitUntil wake when their condition is notified or when Advance()
// passes their time. Safe from many threads.
class ManualClock final : public Clock {
 public:
  Steady Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  Wall WallNow() const override {
    const std::lock_guard lock(mutex_);
    return Wall(std::chrono::milliseconds(1'700'000'000'000)) +
           std::chrono::duration_cast<Wall::duration>(now_.time_since_epoch());
  }
  void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Steady time) const override {
    {
      const std::lock_guard own(mutex_);
      if (now_ >= time) return;
      waiting_.insert(&condition);
      ++waits_;
      arrived_.notify_all();
    }
    // A bound in real time keeps a lost wake-up from hanging the run; the caller loops and asks Now() again.
    condition.wait_for(lock, std::chrono::milliseconds(20));
    const std::lock_guard own(mutex_);
    waiting_.erase(waiting_.find(&condition));
  }

  void Advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    for (auto* condition : waiting_) condition->notify_all();
  }
  // How many have begun since the clock was made.
  std::size_t waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  // Returns once at least `count` waits have begun since the clock was made: the way to know that a thread waits.
  void AwaitWaits(std::size_t count) const {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return waits_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  mutable std::multiset<std::condition_variable*> waiting_;
  mutable std::size_t waits_ = 0;
  Steady now_{std::chrono::hours(1)};
};

}  // namespace berth::test
