#include "pool/login_gate.h"

#include <algorithm>

namespace berth::pool {

LoginGate::Verdict LoginGate::Failed(const Error& error, const Clock& clock) {
  // Doubles up to the limit; the second half of each wait is drawn, so that processes do not try in step.
  constexpr std::size_t kDoublingsMax = 10;
  const auto whole = std::min(kBackoffMax, kBackoffFirst * (1 << std::min(failures_, kDoublingsMax)));
  const std::chrono::duration<double, std::milli> wait(static_cast<double>(whole.count()) * (0.5 + 0.5 * Draw()));
  retry_at_ = clock.Now() + std::chrono::duration_cast<Clock::Steady::duration>(wait);
  ++failures_;
  last_error_ = error;

  switch (error.code) {
    case ErrorCode::kResourceExhausted:
      return Verdict::kWaitOn;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kSessionLost:
      return Verdict::kFailIfHopeless;
    case ErrorCode::kUnauthenticated:
      if (refused_++ == 0) refused_since_ = clock.WallNow();
      refused_sqlstate_ = error.Sqlstate();
      return Verdict::kFailHead;
    default:
      return Verdict::kFailHead;
  }
}

void LoginGate::Merge(const Refusals& refusals) {
  refused_ = refusals.count;
  refused_since_ = refusals.since;
  refused_sqlstate_ = refusals.sqlstate;
}

void LoginGate::Forget() {
  failures_ = refused_ = 0;
  retry_at_ = Clock::Steady::min();
  last_error_.reset();
}

}  // namespace berth::pool
