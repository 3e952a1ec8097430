#include "engine/quiet.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace berth::engine {

InUse SessionsInUse(const Shared& shared, std::int64_t connection_id) {
  InUse out;
  auto slots = shared.ledger.Slots(connection_id);
  std::erase_if(slots, [](const pool::SlotFacts& slot) {
    const bool quiet = slot.state == pool::SlotState::kIdle || slot.state == pool::SlotState::kClosing;
    return !slot.alive || quiet;
  });
  out.sessions = slots.size();
  std::sort(slots.begin(), slots.end(), [](const auto& a, const auto& b) { return a.in_state > b.in_state; });
  for (std::size_t i = 0; i < slots.size() && i < kInUseShownMax; ++i) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(slots[i].in_state);
    out.longest += fmt::format("{}pid {} {} {} {} s", i == 0 ? "" : "; ", slots[i].pid, slots[i].program,
                               NameOf(slots[i].state), seconds.count());
  }
  // Where slots are counted in memory, this process is all there is.
  if (const auto pool = shared.pools.Find(connection_id); pool != nullptr) {
    out.sessions = std::max(out.sessions, pool->Stats().leased);
  }
  return out;
}

Result<InUse> WaitUntilQuiet(const Shared& shared, std::int64_t connection_id, pool::Cancellation* cancellation,
                             Deadline deadline) {
  std::mutex mutex;
  std::condition_variable woken;
  const pool::Cancellation::Watch watch(cancellation, [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    woken.notify_all();
  });
  while (true) {
    auto left = SessionsInUse(shared, connection_id);
    if (left.sessions == 0 || deadline.Passed(shared.clock)) return left;
    std::unique_lock<std::mutex> lock(mutex);
    if (watch.cancelled()) return Error{.code = ErrorCode::kCancelled, .message = "the wait was cancelled"};
    shared.clock.WaitUntil(woken, lock, deadline.Sooner(Deadline::After(shared.clock, kQuietLook)).time());
  }
}

}  // namespace berth::engine
