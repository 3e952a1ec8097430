#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace berth {

// Time is injected, so that tests turn the clock by hand and never sleep. Safe from many threads.
class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  virtual Steady Now() const = 0;
  virtual Wall WallNow() const = 0;
  // Waits on `condition` until it is notified or `time` has come; may wake for no reason. Steady::max() waits for good.
  virtual void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Steady time) const = 0;

  // The machine's own clock; lives as long as the program.
  static const Clock& System();
};

// An absolute point in steady time; passed down whole, never re-derived.
class Deadline {
 public:
  static Deadline After(const Clock& clock, std::chrono::milliseconds wait) { return Deadline(clock.Now() + wait); }
  static Deadline At(Clock::Steady time) { return Deadline(time); }
  static Deadline Never() { return Deadline(Clock::Steady::max()); }

  Clock::Steady time() const noexcept { return time_; }
  bool never() const noexcept { return time_ == Clock::Steady::max(); }
  bool Passed(const Clock& clock) const { return !never() && clock.Now() >= time_; }
  // What is left, rounded up to a millisecond, at least 0; at most a day, so that it fits what poll() takes.
  std::chrono::milliseconds Left(const Clock& clock) const;
  Deadline Sooner(Deadline other) const { return time_ < other.time_ ? *this : other; }

 private:
  explicit Deadline(Clock::Steady time) : time_(time) {}
  Clock::Steady time_;
};

}  // namespace berth
