#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "engine/shared.h"
#include "pool/cancellation.h"

namespace berth::engine {

// The sessions of a connection that are in use, in all processes of this machine.
struct InUse {
  std::size_t sessions = 0;
  std::string longest;  // "pid 4121 etl-worker busy 842 s; .."
};
InUse SessionsInUse(const Shared& shared, std::int64_t connection_id);

// Waits until none is in use any more, or until the deadline, and tells what is left. Errors: kCancelled.
Result<InUse> WaitUntilQuiet(const Shared& shared, std::int64_t connection_id, pool::Cancellation* cancellation,
                             Deadline deadline);

inline constexpr std::chrono::milliseconds kPauseWaitMax{60'000};  // PAUSE, where its caller set no sooner deadline
inline constexpr std::chrono::milliseconds kDropWaitMax{5'000};    // DROP CONNECTION
inline constexpr std::chrono::milliseconds kQuietLook{20};         // how often it is looked after
inline constexpr std::size_t kInUseShownMax = 3;

}  // namespace berth::engine
