#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "pool/pool_impl.h"

namespace berth::pool {
namespace {

int ThisThread() {
  static thread_local const int kId = ::gettid();
  return kId;
}

Claimant Caller(std::string_view label) {
  return {.thread = ThisThread(), .processor = ::sched_getcpu(), .label = label};
}

}  // namespace

Result<Lease> PoolImpl::Acquire(const AcquireRequest& request) {
  if (base::ForkEpoch() != epoch_) return ForkedError();
  const Steady start = clock_.Now();
  const Claimant who = Caller(request.label);
  PooledSession* session = nullptr;
  {
    const base::MutexLock lock(mutex_);
    if (closed_) return DroppedError(*options_);
    if (MayBarge(start)) session = TakeIdle(who, start);
    if (session != nullptr) LeaseTo(session, who, start);
  }
  if (session != nullptr && Verify(session, request.deadline)) return Lease(shared_from_this(), session);
  return AcquireInLine(request, start, /*had_turn=*/session != nullptr);
}

// `had_turn`: the session he got was dead, so he goes to the front of the line.
Result<Lease> PoolImpl::AcquireInLine(const AcquireRequest& request, Steady start, bool had_turn) {
  Waiter waiter{
      .since = start, .who = Caller(request.label), .waiting = request.waiting, .tell_at = start + kTellEvery};
  const Cancellation::Watch watch(request.cancellation, [this, &waiter] {
    const base::MutexLock lock(mutex_);
    waiter.wake.notify_one();
  });
  for (bool again = had_turn;; again = true) {
    PooledSession* session = nullptr;
    Deadline deadline = request.deadline;
    {
      base::MutexLock lock(mutex_);
      if (closed_) return DroppedError(*options_);
      if (Paused(start) && options_->pause->mode == Pause::Mode::kRefuse) return PausedError(*options_);
      if (gate_.suspended()) gate_.Merge(ledger_.Refused(options_->connection_id, options_->login_version));
      if (gate_.suspended() && Hopeless()) return SuspendedError(*options_, gate_);
      if (!again && line_.size() >= options_->waiters_max) return TooManyWaitersError(*options_);
      deadline = deadline.Sooner(Deadline::At(start + options_->acquire_timeout));
      waiter.session = nullptr;
      again ? line_.PushFront(&waiter) : line_.PushBack(&waiter);
      auto got = Await(lock, waiter, deadline, watch);
      if (!got.ok()) return std::move(got).TakeError();
      session = got.value();
    }
    if (Verify(session, deadline)) return Lease(shared_from_this(), session);
  }
}

// Until he has a session, an error, or no more time. He is out of the line then.
Result<PooledSession*> PoolImpl::Await(base::MutexLock& lock, Waiter& waiter, Deadline deadline,
                                       const Cancellation::Watch& watch) {
  ServeLine(clock_.Now());
  NudgeCrew();
  if (crew_.empty() && WorkDue() < Steady::max()) {  // one was needed; while paused there is nothing to do yet
    LeaveLine(waiter);
    return NoThreadError(*options_);
  }
  for (;;) {
    if (waiter.session != nullptr) return waiter.session;
    if (waiter.error) return *std::move(waiter.error);
    const Steady now = clock_.Now();
    if (line_.front() == &waiter) {
      if (PooledSession* session = TakeIdle(waiter.who, now); session != nullptr) {
        LeaseTo(session, waiter.who, now);
        LeaveLine(waiter);
        return session;
      }
    }
    if (watch.cancelled()) {
      LeaveLine(waiter);
      return CancelledError(*options_);
    }
    if (now >= deadline.time()) {
      const Options options = options_;
      Shortage shortage = Shortfall(*options, waiter, deadline.time());
      ++totals_.timeouts_total;
      LeaveLine(waiter);
      lock.Unlock();  // the system is asked for the names of users, the catalog for other connections
      shortage.user_sessions = UserSessions(*options);
      Error error = NoSessionError(shortage);
      lock.Lock();
      return error;
    }
    if (waiter.waiting == nullptr) {
      clock_.WaitUntil(waiter.wake, lock.native(), deadline.time());
      continue;
    }
    if (now >= waiter.tell_at) {
      const Options options = options_;
      const Shortage shortage = Shortfall(*options, waiter, now);
      lock.Unlock();
      (*waiter.waiting)(WaitingText(shortage));
      lock.Lock();
      waiter.tell_at = clock_.Now() + kTellEvery;
      continue;  // he may have been served meanwhile
    }
    clock_.WaitUntil(waiter.wake, lock.native(), std::min(deadline.time(), waiter.tell_at));
  }
}

// Is it alive? Without a system call if it was used just now, without a round trip if it was used lately. A dead one is
// closed aside.
bool PoolImpl::Verify(PooledSession* session, Deadline deadline) {
  if (session->idle_for < kLookAfter) return true;
  bool probe = false;
  {
    const base::MutexLock lock(mutex_);
    probe = session->idle_for > options_->probe_after;
  }
  const bool looks_alive = session->session->LooksAlive();
  const Deadline soon = deadline.Sooner(Deadline::After(clock_, kProbeMax));
  if (looks_alive && (!probe || session->session->Ping(soon).ok())) return true;

  const base::MutexLock lock(mutex_);
  ++totals_.broken_total;
  if (looks_alive) {
    // Its silence cost a wait. Those that idled as long would most likely cost one each.
    const Steady silent = clock_.Now() - options_->probe_after;
    while (!At(Stage::kIdle).empty() && At(Stage::kIdle).front()->since < silent) {
      Move(At(Stage::kIdle).front(), Stage::kToClose);
    }
  }
  Move(session, Stage::kToClose);
  return false;
}

// One that was in use until just now, so that what it says arrives on this thread's processor; else the one that this
// thread had. To wake a process or a thread on another processor costs more than a short statement does.
PooledSession* PoolImpl::NearestOfJustNow(const Claimant& who, Steady now) const {
  PooledSession* nearest = nullptr;
  int nearness = 0;
  PooledSession* session = At(Stage::kIdle).back();
  for (std::size_t looked = 0; session != nullptr && looked < kNearLooksMax; ++looked, session = session->prev) {
    if (now - session->since >= kNearFor) break;
    const bool here = session->processor >= 0 && session->processor == who.processor;
    const int is = (here ? 2 : 0) + (session->thread == who.thread ? 1 : 0);
    if (is <= nearness) continue;
    nearest = session;
    nearness = is;
  }
  return nearest;
}

// Else the one that came back last, so that those that are not needed grow old.
PooledSession* PoolImpl::TakeIdle(const Claimant& who, Steady now) {
  if (PooledSession* near = NearestOfJustNow(who, now); near != nullptr && !Expired(*near, now)) return near;
  while (PooledSession* session = At(Stage::kIdle).back()) {
    if (!Expired(*session, now)) return session;
    Move(session, Stage::kToClose);
  }
  return nullptr;
}

void PoolImpl::LeaseTo(PooledSession* session, const Claimant& who, Steady now) {
  session->idle_for = now - std::max(session->since, session->probed);
  session->since = now;
  session->leak_told = false;
  if (options_->leak_after.count() > 0) next_leak_ = std::min(next_leak_, now + options_->leak_after);
  session->thread = who.thread;
  session->SetLabel(who.label);
  session->session->SetEager(At(Stage::kLeased).empty());  // nobody else is at work
  Move(session, Stage::kLeased);
}

// Idle sessions to those in line, first come, first served. One who has not waited long is only woken, and takes it
// unless a newcomer, who is awake already, is quicker: this is what keeps a busy pool from switching threads at each
// return.
void PoolImpl::ServeLine(Steady now) {
  if (gate_.suspended() && Hopeless()) FailWaiters(SuspendedError(*options_, gate_), line_.size());
  while (!line_.empty() && !At(Stage::kIdle).empty()) {
    Waiter* head = line_.front();
    if (MayBarge(now)) {
      head->wake.notify_one();
      return;
    }
    PooledSession* session = TakeIdle(head->who, now);
    if (session == nullptr) return;
    LeaseTo(session, head->who, now);
    line_.Remove(head);
    head->session = session;
    head->wake.notify_one();
  }
}

void PoolImpl::LeaveLine(Waiter& waiter) {
  line_.Remove(&waiter);
  ServeLine(clock_.Now());
  NudgeCrew();  // it may have to leave the ledger's line
}

void PoolImpl::FailWaiters(const Error& error, std::size_t count) {
  for (; count > 0 && !line_.empty(); --count) {
    Waiter* head = line_.front();
    line_.Remove(head);
    head->error = error;
    head->wake.notify_one();
  }
}

bool PoolImpl::MayBarge(Steady now) const {
  return line_.empty() || now - line_.front()->since < kBargeMax;
}

// No session can come to those in line but by a new login.
bool PoolImpl::Hopeless() const {
  return opening_ == 0 && At(Stage::kIdle).empty() && At(Stage::kProbing).empty() && At(Stage::kLeased).empty() &&
         At(Stage::kToReset).empty() && At(Stage::kResetting).empty();
}

Shortage PoolImpl::Shortfall(const PoolOptions& options, const Waiter& waiter, Steady now) {
  std::size_t place = 1;
  for (const Waiter* before = waiter.prev; before != nullptr; before = before->prev) ++place;
  return {.options = options,
          .stats = StatsNow(),
          .longest = LongestHolders(now),
          .gate = gate_,
          .waited = std::max(now - waiter.since, Steady::duration(0)),
          .place = place,
          .process_place = ticket_ != nullptr ? ticket_->place() : 1,
          .paused = Paused(now),
          .slots = ledger_.Slots(options.connection_id),
          .line = ledger_.LookAtLine(options.connection_id),
          .user = user_limit_,
          .group_slots = options.group ? ledger_.SlotsOfGroup(options.group->group_id) : std::vector<SlotFacts>()};
}

std::optional<std::size_t> PoolImpl::UserSessions(const PoolOptions& options) const {
  const auto ids = options.same_user ? options.same_user() : std::vector<std::int64_t>();
  if (ids.empty()) return std::nullopt;
  std::ptrdiff_t count = 0;
  for (const auto id : ids) {
    const auto slots = ledger_.Slots(id);
    count += std::count_if(slots.begin(), slots.end(),
                           [](const SlotFacts& slot) { return slot.alive && slot.state != SlotState::kOpening; });
  }
  return static_cast<std::size_t>(count);
}

std::vector<Holder> PoolImpl::LongestHolders(Steady now) const {
  std::vector<Holder> longest;
  for (const PooledSession* session = At(Stage::kLeased).front(); session != nullptr && longest.size() < kHoldersShown;
       session = session->next) {
    longest.push_back({.thread = session->thread,
                       .label = std::string(session->label()),
                       .held = std::max(now - session->since, Steady::duration(0))});
  }
  return longest;
}

}  // namespace berth::pool
