#include "base/eagerness.h"

#include <doctest/doctest.h>

namespace berth::base {
namespace {

// Waits without a look until the next one.
unsigned Pause(Eagerness& eagerness) {
  unsigned waits = 0;
  while (!eagerness.Due()) ++waits;
  return waits;
}

TEST_CASE("looks in vain become rare, and a look that pays brings them back") {
  Eagerness eagerness;
  CHECK(eagerness.Due());
  CHECK(eagerness.Due());
  eagerness.Vain();
  CHECK(Pause(eagerness) == 2);
  eagerness.Vain();
  CHECK(Pause(eagerness) == 4);
  for (int i = 0; i < 20; ++i) {
    eagerness.Vain();
    Pause(eagerness);
  }
  eagerness.Vain();
  CHECK(Pause(eagerness) == Eagerness::kPauseMax);
  eagerness.Paid();
  CHECK(eagerness.Due());
  eagerness.Vain();
  CHECK(Pause(eagerness) == 2);
}

// Every look at it is `step` later.
class SteppingClock : public Clock {
 public:
  explicit SteppingClock(std::chrono::microseconds step) : step_(step) {}
  Steady Now() const override { return now_ += step_; }
  Wall WallNow() const override { return {}; }
  void WaitUntil(std::condition_variable& /*condition*/, std::unique_lock<std::mutex>& /*lock*/,
                 Steady /*time*/) const override {}

 private:
  std::chrono::microseconds step_;
  mutable Steady now_;
};

TEST_CASE("a yield that lasts too long says so") {
  CHECK(Eagerness::Yield(SteppingClock(Eagerness::kYieldMax)));
  CHECK_FALSE(Eagerness::Yield(SteppingClock(Eagerness::kYieldMax + std::chrono::microseconds(1))));
}

}  // namespace
}  // namespace berth::base
