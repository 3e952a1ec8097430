#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "berth/deadline.h"

namespace berth::base {

// Whether to look a while for what one waits for before one goes to sleep: waking up takes as long as little work does,
// but looks in vain are lost. Each time that they were, the next waits do without, twice as many, up to kPauseMax. One
// thread.
class Eagerness {
 public:
  static constexpr unsigned kPauseMax = 1'024;
  static constexpr std::chrono::microseconds kYieldMax{500};

  // Between two looks: who else would run has the processor. False: it was away for longer than kYieldMax, so the
  // machine is full, and whoever sleeps is back sooner than who yields: no more looks, they are in vain.
  static bool Yield(const Clock& clock) {
    const auto began = clock.Now();
    std::this_thread::yield();
    return clock.Now() - began <= kYieldMax;
  }

  // To be asked once a wait.
  bool Due() {
    if (pause_ == 0) return true;
    --pause_;
    return false;
  }
  // How the looks ended.
  void Paid() { misses_ = 0; }
  void Vain() {
    misses_ = std::min(misses_ + 1, 10U);
    pause_ = std::min(1U << misses_, kPauseMax);
  }

 private:
  unsigned misses_ = 0;  // in a row
  unsigned pause_ = 0;   // waits without a look
};

}  // namespace berth::base
