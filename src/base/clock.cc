#include <algorithm>

#include "berth/deadline.h"

namespace berth {
namespace {

class SystemClock final : public Clock {
 public:
  Steady Now() const override { return std::chrono::steady_clock::now(); }
  Wall WallNow() const override { return std::chrono::system_clock::now(); }
  void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Steady time) const override {
    if (time == Steady::max()) {
      condition.wait(lock);
    } else {
      condition.wait_until(lock, time);
    }
  }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock kClock;
  return kClock;
}

std::chrono::milliseconds Deadline::Left(const Clock& clock) const {
  constexpr std::chrono::milliseconds kMost = std::chrono::hours(24);
  if (never()) return kMost;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time_ - clock.Now());
  return std::clamp(left, std::chrono::milliseconds(0), kMost);
}

}  // namespace berth
