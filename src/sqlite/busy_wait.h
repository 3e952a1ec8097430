#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "berth/deadline.h"

namespace berth::sqlite {

// How a handle waits for a lock that another has. SQLite's own handler sleeps longer each time, so that a process that
// has waited long asks ever more rarely and starves (waits of 2 s were seen among four writers); short waits of random
// length serve all alike, and who has waited for kPatience asks more often than the others, so that nobody is unlucky
// for long. One thread at a time.
class BusyWait {
 public:
  static constexpr std::chrono::microseconds kPauseMin{20};
  static constexpr std::chrono::microseconds kPauseMax{400};
  static constexpr std::chrono::milliseconds kPatience{10};  // from then on each pause is kPauseMin

  explicit BusyWait(const Clock& clock);

  void SetDeadline(Deadline deadline) {
    deadline_ = deadline;
    waiting_ = false;
  }
  // `first`: the lock was just found taken. False: the deadline has passed.
  bool Pause(bool first);
  // How long the last wait has been so far.
  std::chrono::milliseconds waited() const;

 private:
  const Clock& clock_;
  Deadline deadline_ = Deadline::At(Clock::Steady::min());
  Clock::Steady since_{};
  bool waiting_ = false;
  std::uint64_t random_ = 0;  // not seeded yet
  std::mutex mutex_;          // nobody else takes it: WaitUntil wants one
  std::condition_variable never_notified_;
};

}  // namespace berth::sqlite
