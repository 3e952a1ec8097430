#include <sched.h>

#include <algorithm>
#include <thread>

#include "pool/pool_impl.h"

namespace berth::pool {
namespace {

enum class Fate : std::uint8_t { kAsItIs, kReset, kClose };

Fate FateOf(session::SessionState state, session::Stain stain) {
  switch (stain) {
    case session::Stain::kObjects:
      return Fate::kClose;
    case session::Stain::kSettings:
      return state == session::SessionState::kBroken ? Fate::kClose : Fate::kReset;
    case session::Stain::kNone:
      break;
  }
  switch (state) {
    case session::SessionState::kIdle:
      return Fate::kAsItIs;
    case session::SessionState::kActive:
    case session::SessionState::kInTransaction:
    case session::SessionState::kFailedTransaction:
      return Fate::kReset;
    case session::SessionState::kBroken:
      break;
  }
  return Fate::kClose;
}

SlotState SlotStateOf(Stage stage) {
  switch (stage) {
    case Stage::kIdle:
    case Stage::kProbing:
      return SlotState::kIdle;
    case Stage::kLeased:
    case Stage::kToReset:
    case Stage::kResetting:
      return SlotState::kBusy;
    case Stage::kToClose:
    case Stage::kClosing:
      break;
  }
  return SlotState::kClosing;
}

}  // namespace

void PoolImpl::Return(PooledSession* session, bool discard) {
  session->session->SetNoticeSink(nullptr);  // the holder's; he may be gone
  const session::SessionState state = session->session->state();
  const Fate fate = FateOf(state, session->session->stain());
  const int processor = session->session->processor();
  const bool far = processor >= 0 && processor != ::sched_getcpu();
  bool may_swap = false;
  {
    const base::MutexLock lock(mutex_);
    session->processor = processor;
    if (state == session::SessionState::kBroken) ++totals_.broken_total;
    const Steady now = clock_.Now();
    // Short work whose answers arrive on another processor: another thread may have a session that suits this one, and
    // take this one in its place.
    may_swap = far && now - session->since < kNearFor && At(Stage::kLeased).size() > 1;
    if (discard) {
      Move(session, Stage::kClosing);
    } else if (fate == Fate::kAsItIs) {
      ComeBack(session, now);
    } else {
      const bool reset = fate == Fate::kReset && !MustClose(*session, now);
      Move(session, reset ? Stage::kToReset : Stage::kToClose);
      ServeLine(now);
    }
  }
  if (discard) return Destroy(session);
  if (may_swap) std::this_thread::yield();
}

// The one place where a session changes its stage.
void PoolImpl::Move(PooledSession* session, Stage to) {
  At(session->stage).Remove(session);
  session->stage = to;
  session->slot->Note(SlotStateOf(to), session->since);
  if (to == Stage::kIdle) {
    PooledSession* before = At(to).back();
    while (before != nullptr && before->since > session->since) before = before->prev;  // after a probe
    At(to).InsertAfter(before, session);
    next_expiry_ = std::min(next_expiry_, ExpiryOf(*session));
    next_probe_ = std::min(next_probe_, ProbeDueOf(*session));
  } else {
    At(to).PushBack(session);
  }
  NudgeCrew();
}

// Clean and idle: to the first in line, or to the idle ones.
void PoolImpl::ComeBack(PooledSession* session, Steady now) {
  if (MustClose(*session, now) || Shed(*session, now)) {
    Move(session, Stage::kToClose);
  } else {
    session->since = now;
    Move(session, Stage::kIdle);
  }
  ServeLine(now);
}

bool PoolImpl::MustClose(const PooledSession& session, Steady now) const {
  return closed_ || Paused(now) || session.login_version != options_->login_version || OverCap() ||
         session.slot->number() >= options_->sessions_max || now >= LifeEndOf(session) || AboveGroup(session);
}

// Those on their way out are as good as gone.
bool PoolImpl::AboveGroup(const PooledSession& session) const {
  if (!options_->group) return false;
  return session.slot->group_surplus() > At(Stage::kToClose).size() + At(Stage::kClosing).size();
}

Clock::Steady PoolImpl::LifeEndOf(const PooledSession& session) const {
  const std::chrono::duration<double, std::milli> life(static_cast<double>(options_->lifetime_max.count()) *
                                                       session.lifetime_share);
  return session.opened + std::chrono::duration_cast<Steady::duration>(life);
}

Clock::Steady PoolImpl::ExpiryOf(const PooledSession& session) const {
  return std::min(session.since + options_->idle_max, LifeEndOf(session));
}

// Of min_idle none idles for too long.
bool PoolImpl::Expired(const PooledSession& session, Steady now) const {
  if (now >= LifeEndOf(session)) return true;
  return now >= session.since + options_->idle_max && At(Stage::kIdle).size() > options_->min_idle;
}

// Closes the idle ones that must go (age, cap, login), those that idle longest first, and notes when the next one
// expires.
void PoolImpl::ExpireIdle(Steady now) {
  next_expiry_ = Steady::max();
  PooledSession* next = nullptr;
  for (PooledSession* session = At(Stage::kIdle).front(); session != nullptr; session = next) {
    next = session->next;
    if (Expired(*session, now) || MustClose(*session, now)) {
      Move(session, Stage::kToClose);
    } else {
      const Steady expiry = ExpiryOf(*session);
      next_expiry_ = std::min(next_expiry_, expiry > now ? expiry : LifeEndOf(*session));
    }
  }
}

// In stage kClosing, by whichever thread put it there. Returns once the server has hung up and the slot is free.
void PoolImpl::Destroy(PooledSession* session) {
  session->session.reset();
  session->slot = Slot();
  const base::MutexLock lock(mutex_);
  At(session->stage).Remove(session);
  delete session;
  ServeLine(clock_.Now());
  NudgeCrew();
  if (Slots() == 0) drained_.notify_all();
}

void PoolImpl::RunReset(PooledSession* session) {
  if (session->session->state() == session::SessionState::kActive) session->session->Cancel();
  const bool clean = session->session->Reset(Deadline::After(clock_, kResetMax)).ok() &&
                     session->session->state() == session::SessionState::kIdle;
  const base::MutexLock lock(mutex_);
  if (clean) {
    ComeBack(session, clock_.Now());
  } else {
    ++totals_.broken_total;
    Move(session, Stage::kToClose);
    ServeLine(clock_.Now());
  }
}

}  // namespace berth::pool
