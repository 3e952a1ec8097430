#include "engine/cancel_point.h"

namespace berth::engine {

void CancelPoint::Enter() {
  const base::MutexLock lock(mutex_);
  active_ = true;
  requested_ = false;
  session_ = nullptr;
  waiting_.Reset();
}

Status CancelPoint::Running(session::Session* session) {
  const base::MutexLock lock(mutex_);
  if (requested_) {
    return Error{.code = ErrorCode::kCancelled, .message = "the statement was cancelled before it was sent"};
  }
  session_ = session;
  return {};
}

void CancelPoint::Leave() {
  const base::MutexLock lock(mutex_);
  active_ = false;
  session_ = nullptr;
}

void CancelPoint::Cancel() {
  const base::MutexLock lock(mutex_);
  if (!active_) return;
  requested_ = true;
  waiting_.Cancel();
  if (session_ != nullptr) session_->Cancel();
}

}  // namespace berth::engine
