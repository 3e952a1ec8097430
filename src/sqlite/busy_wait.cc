#include "sqlite/busy_wait.h"

#include <random>

namespace berth::sqlite {

BusyWait::BusyWait(const Clock& clock) : clock_(clock) {}

bool BusyWait::Pause(bool first) {
  const auto now = clock_.Now();
  if (first || !waiting_) {
    since_ = now;
    waiting_ = true;
  }
  if (!deadline_.never() && now >= deadline_.time()) return false;
  // xorshift64: only to keep waiters out of step. Its seed takes longer than opening the file, and few ever wait.
  if (random_ == 0) random_ = std::random_device{}() | 1U;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const auto range = static_cast<std::uint64_t>((kPauseMax - kPauseMin).count());
  auto until = now + kPauseMin;
  if (now - since_ < kPatience) until += std::chrono::microseconds(random_ % range);
  if (until > deadline_.time()) until = deadline_.time();
  std::unique_lock lock(mutex_);
  clock_.WaitUntil(never_notified_, lock, until);
  return true;
}

std::chrono::milliseconds BusyWait::waited() const {
  if (!waiting_) return std::chrono::milliseconds(0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - since_);
}

}  // namespace berth::sqlite
