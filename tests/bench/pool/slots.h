#pragma once

#include <chrono>
#include <string>

namespace berth::bench {

struct SlotCosts {
  double median = 0, worst = 0;  // microseconds
};
// Takes, records and gives back a slot, over and over in each of so many processes. The median is the mean of theirs.
SlotCosts MeasureSlots(const std::string& folder, int processes, std::chrono::milliseconds time);

// What taking an idle session and giving it back costs, in system calls of the thread that does it: by strace, which
// runs `self` with --take-idle and `folder`. -1: strace does not work here.
long SystemCallsToTakeIdle(const std::string& self, const std::string& folder, const std::string& trace);
// The program under strace.
int TakeIdle(const std::string& folder);

}  // namespace berth::bench
