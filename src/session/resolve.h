#pragma once

#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "session/interrupt.h"

namespace berth::session {

// The numeric addresses of `host`, in the order in which they are to be tried; never empty. The resolver cannot be
// stopped, so it runs aside on a thread that is left behind when the deadline passes first.
// Errors: kUnavailable (the name does not resolve, and why; too many look-ups hang), kDeadlineExceeded, kCancelled
// (`stop`, which may be null, was fired).
Result<std::vector<std::string>> Resolve(const std::string& host, const Clock& clock, Deadline deadline,
                                         Interrupt* stop);

inline constexpr int kLookupsMax = 64;    // look-ups under way at once in one process
inline constexpr int kAddressesMax = 16;  // of one name that are tried

}  // namespace berth::session
