#include "sqlite/busy_wait.h"

#include <vector>

#include <doctest/doctest.h>

namespace berth::sqlite {
namespace {

// Time that jumps to whatever is waited for.
class JumpingClock final : public Clock {
 public:
  Steady Now() const override { return now_; }
  Wall WallNow() const override { return {}; }
  void WaitUntil(std::condition_variable&, std::unique_lock<std::mutex>&, Steady time) const override {
    pauses.push_back(std::chrono::duration_cast<std::chrono::microseconds>(time - now_));
    now_ = time;
  }
  mutable std::vector<std::chrono::microseconds> pauses;

 private:
  mutable Steady now_{std::chrono::hours(1)};
};

TEST_CASE("pauses are short, of random length, and end at the deadline") {
  const JumpingClock clock;
  BusyWait wait(clock);
  CHECK_FALSE(wait.Pause(true));  // no deadline was given: no wait
  wait.SetDeadline(Deadline::After(clock, std::chrono::milliseconds(100)));
  bool first = true;
  while (wait.Pause(first)) first = false;
  CHECK(wait.waited() == std::chrono::milliseconds(100));
  const auto waits = static_cast<std::size_t>(
      std::chrono::microseconds(std::chrono::milliseconds(100) - BusyWait::kPatience) / BusyWait::kPauseMin);
  CHECK(clock.pauses.size() > waits);
  CHECK(clock.pauses.size() < waits + 10'000 / 100);
  std::chrono::microseconds shortest = BusyWait::kPauseMax;
  std::chrono::microseconds longest{0};
  for (std::size_t i = 0; i + 1 < clock.pauses.size(); ++i) {
    shortest = std::min(shortest, clock.pauses[i]);
    longest = std::max(longest, clock.pauses[i]);
  }
  CHECK(shortest >= BusyWait::kPauseMin);
  CHECK(longest <= BusyWait::kPauseMax);
  CHECK(longest - shortest > std::chrono::microseconds(200));
  CHECK(clock.pauses[clock.pauses.size() - 2] == BusyWait::kPauseMin);  // it has lost its patience
}

TEST_CASE("each lock that is waited for is counted from its own beginning") {
  const JumpingClock clock;
  BusyWait wait(clock);
  wait.SetDeadline(Deadline::Never());
  for (int i = 0; i < 1000; ++i) CHECK(wait.Pause(i == 0));
  CHECK(wait.waited() > BusyWait::kPatience);
  CHECK(wait.Pause(true));
  CHECK(wait.waited() < std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace berth::sqlite
