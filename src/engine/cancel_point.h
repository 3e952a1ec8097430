#pragma once

#include "base/mutex.h"
#include "berth/error.h"
#include "pool/pool.h"
#include "session/session.h"

namespace berth::engine {

// Where Cancel() finds what a conversation is doing: waiting for a session, or running a statement on one. The thread
// that executes says what it does; Cancel() may come from any.
class CancelPoint {
 public:
  void Enter();  // a statement begins
  // From now until Leave() a Cancel() goes to `session`. Errors: kCancelled, if one came before.
  Status Running(session::Session* session);
  void Leave();  // the statement and its rows have ended

  pool::Cancellation* waiting() { return &waiting_; }
  void Cancel();

 private:
  base::Mutex mutex_;
  bool active_ BERTH_GUARDED_BY(mutex_) = false;
  bool requested_ BERTH_GUARDED_BY(mutex_) = false;
  session::Session* session_ BERTH_GUARDED_BY(mutex_) = nullptr;
  pool::Cancellation waiting_;  // self-synchronised
};

}  // namespace berth::engine
