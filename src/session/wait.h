#pragma once

#include <cstdint>

#include "berth/deadline.h"

namespace berth::session {

enum class Woken : std::uint8_t { kReady, kOther, kTimeout };

// Waits until `fd` is ready for `events`, `other` (-1: none) for `other_events`, or `deadline` has passed, whichever
// comes first; readiness is looked at even if the deadline has passed already.
struct WaitFor {
  int fd = -1;
  short events = 0;
  int other = -1;
  short other_events = 0;
};
Woken Wait(const WaitFor& what, const Clock& clock, Deadline deadline);

}  // namespace berth::session
