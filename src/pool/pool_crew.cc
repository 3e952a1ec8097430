#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/block_signals.h"
#include "base/try.h"
#include "pool/pool_impl.h"

namespace berth::pool {

void PoolImpl::CrewMain() {
  base::BlockSignals();
  {
    const base::MutexLock lock(mutex_);
    --starting_;
  }
  for (;;) {
    Job job = NextJob();
    switch (job.kind) {
      case Job::Kind::kStop:
        return;
      case Job::Kind::kReset:
        RunReset(job.session);
        break;
      case Job::Kind::kClose:
        Destroy(job.session);
        break;
      case Job::Kind::kConnect:
        RunConnect(std::move(job));
        break;
      case Job::Kind::kLeaveLine:
        job.ticket.reset();
        break;
      case Job::Kind::kYield:
        RunYield();
        break;
      case Job::Kind::kFill:
        RunFill(*job.options);
        break;
      case Job::Kind::kProbe:
        RunProbe(job.session);
        break;
      case Job::Kind::kWarn:
        RunWarn();
        break;
    }
  }
}

PoolImpl::Job PoolImpl::NextJob() {
  base::MutexLock lock(mutex_);
  for (;;) {
    if (auto job = PickJob(clock_.Now())) {
      NudgeCrew();  // somebody else watches what remains
      return std::move(*job);
    }
    if (stopping_) return Job{};
    const Steady due = NextDue();
    crew_due_ = std::min(crew_due_, due);
    ++sleeping_;
    clock_.WaitUntil(crew_wake_, lock.native(), due);
    --sleeping_;
    crew_due_ = Steady::max();  // unknown for the others; at worst they are woken once too often
  }
}

// Finds what NextDue() says is due.
std::optional<PoolImpl::Job> PoolImpl::PickJob(Steady now) {
  if (now >= next_expiry_) ExpireIdle(now);
  if (PooledSession* session = At(Stage::kToReset).front(); session != nullptr) {
    Move(session, Stage::kResetting);
    return Job{.kind = Job::Kind::kReset, .session = session};
  }
  if (PooledSession* session = At(Stage::kToClose).front(); session != nullptr) {
    Move(session, Stage::kClosing);
    return Job{.kind = Job::Kind::kClose, .session = session};
  }
  if (ticket_ != nullptr && line_.empty()) return Job{.kind = Job::Kind::kLeaveLine, .ticket = std::move(ticket_)};
  if (now >= yield_due_) {
    yield_due_ = Steady::max();
    return Job{.kind = Job::Kind::kYield};
  }
  if (now >= ConnectDue()) {
    ++opening_;
    taking_slot_ = true;
    slot_freed_ = false;
    return Job{.kind = Job::Kind::kConnect, .options = options_, .ticket = std::move(ticket_)};
  }
  if (now >= FillDue()) {
    ++opening_;
    taking_slot_ = true;
    return Job{.kind = Job::Kind::kFill, .options = options_};
  }
  if (now >= next_probe_) {
    if (PooledSession* session = TakeToProbe(now)) return Job{.kind = Job::Kind::kProbe, .session = session};
  }
  if (now >= next_leak_) {
    next_leak_ = Steady::max();
    return Job{.kind = Job::Kind::kWarn};
  }
  return std::nullopt;
}

// Wakes a sleeping thread if something is due before it would wake by itself; starts one if none sleeps and there is
// work (an idle session that expires can wait for a busy thread). Called after every change that may bring work.
void PoolImpl::NudgeCrew() {
  const Steady due = NextDue();
  if (due >= crew_due_ || stopping_) return;
  if (sleeping_ > 0) {
    crew_due_ = due;
    crew_wake_.notify_one();
  } else if (starting_ == 0 && crew_.size() < kCrewMax && WorkDue() < Steady::max()) {
    try {
      crew_.emplace_back(&PoolImpl::CrewMain, this);
      ++starting_;
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // The threads there are will come to it; Await sees it if there is none.
    }
  }
}

Clock::Steady PoolImpl::NextDue() const {
  return std::min({next_expiry_, next_probe_, next_leak_, WorkDue()});
}

Clock::Steady PoolImpl::WorkDue() const {
  if (!At(Stage::kToReset).empty() || !At(Stage::kToClose).empty()) return Steady::min();
  if (ticket_ != nullptr && line_.empty()) return Steady::min();
  return std::min({yield_due_, ConnectDue(), FillDue()});
}

// When the next login may start; max(): nobody needs one, or it is not for now.
Clock::Steady PoolImpl::ConnectDue() const {
  if (closed_ || gate_.suspended() || taking_slot_ || (ticket_ != nullptr && !slot_freed_)) return Steady::max();
  if (line_.size() <= opening_ + At(Stage::kIdle).size())
    return Steady::max();  // a waiter may be on his way to an idle one
  if (opening_ >= kConnectsMax || Slots() >= options_->sessions_max) return Steady::max();
  const Steady earliest = std::max(next_want_, paused_until_);
  if (opening_ == 0) return std::max(gate_.retry_at(), earliest);
  // One attempt at a time while they fail; else more than one only for one who has waited.
  return gate_.failing() ? Steady::max() : std::max(line_.front()->since + kHurryAfter, earliest);
}

void PoolImpl::RunConnect(Job job) {
  if (RefusedElsewhere(*job.options) || StepAside(*job.options)) {
    job.ticket.reset();
    const base::MutexLock lock(mutex_);
    taking_slot_ = false;
    --opening_;
    ServeLine(clock_.Now());
    NudgeCrew();
    if (Slots() == 0) drained_.notify_all();
    return;
  }
  auto slot = TakeSlot(*job.options, job.ticket);
  bool taken = false;
  {
    const base::MutexLock lock(mutex_);
    taking_slot_ = false;
    taken = slot.ok() && slot.value().has_value();
    if (slot.ok() && !taken) {  // others have them all: woken when one is free
      --opening_;
      ticket_ = std::move(job.ticket);
      if (Slots() == 0) drained_.notify_all();
    }
    NudgeCrew();
  }
  if (!slot.ok()) return NotOpened(*job.options, slot.error());
  if (!taken) return;
  job.ticket.reset();

  OpenOn(*job.options, *std::move(slot.value()));
}

void PoolImpl::OpenOn(const PoolOptions& options, Slot slot) {
  const Steady start = clock_.Now();
  auto session = LogIn(options, slot);
  if (!session.ok()) {
    slot = Slot();
    return NotOpened(options, session.error());
  }
  {
    const base::MutexLock lock(mutex_);
    const Steady::duration took = clock_.Now() - start;
    login_time_ = login_time_.count() == 0 ? took : (login_time_ * 3 + took) / 4;
  }
  Opened(options, std::move(slot), std::move(session).value());
}

// Other processes have used up the logins that may be refused.
bool PoolImpl::RefusedElsewhere(const PoolOptions& options) {
  const Refusals refusals = ledger_.Refused(options.connection_id, options.login_version);
  if (refusals.count < kRefusedMax) return false;
  const base::MutexLock lock(mutex_);
  if (options.login_version != options_->login_version) return false;
  gate_.Merge(refusals);
  return true;
}

// nullopt: stands in line with `ticket`.
Result<std::optional<Slot>> PoolImpl::TakeSlot(const PoolOptions& options, std::unique_ptr<Ticket>& ticket) {
  SlotRequest request = RequestOf(options);
  request.ticket = ticket.get();
  BERTH_ASSIGN(auto slot, ledger_.TryTake(request));
  if (slot.has_value() || ticket != nullptr) return slot;
  BERTH_ASSIGN(ticket, ledger_.StandInLine(options.connection_id, [waker = waker_] { waker->Wake(); }));
  request.ticket = ticket.get();
  return ledger_.TryTake(request);
}

Result<std::unique_ptr<session::Session>> PoolImpl::LogIn(const PoolOptions& options, const Slot& slot) {
  try {
    BERTH_ASSIGN(const auto params, options.params(Deadline::After(clock_, options.acquire_timeout)));
    if (const auto orphan = slot->orphan()) ClearOrphan(params, *orphan);
    // connect_timeout is the session's own limit, and named so.
    return factory_.Open(params, Deadline::Never(), &stop_logins_);
  } catch (const std::exception& exception) {  // a thread's entry is one of the doors
    return Error{.code = ErrorCode::kInternal,
                 .message = "connection \"" + options.connection_name + "\": the login failed: " + exception.what()};
  }
}

// The slot was a killed process's: the server may run its statement still, and count its session.
void PoolImpl::ClearOrphan(const session::ConnectParams& params, const SlotOrphan& orphan) {
  if (orphan.backend_pid != 0) {
    const Deadline soon = Deadline::After(clock_, kOrphanCancelMax);
    // Where it does not arrive, the login will find out.
    static_cast<void>(factory_.CancelBackend(params, orphan.backend_pid, orphan.cancel_key, soon).ok());
  }
  const Steady until = clock_.Now() + kOrphanWait;
  base::MutexLock lock(mutex_);
  std::condition_variable nobody;
  while (!stopping_ && !closed_ && clock_.Now() < until) clock_.WaitUntil(nobody, lock.native(), until);
}

void PoolImpl::Opened(const PoolOptions& options, Slot slot, std::unique_ptr<session::Session> session) {
  auto pooled = std::make_unique<PooledSession>();
  pooled->slot = std::move(slot);
  pooled->session = std::move(session);
  pooled->login_version = options.login_version;
  pooled->slot->Opened(pooled->session->server().backend_pid, pooled->session->server().cancel_key);
  if (ledger_.Refused(options.connection_id, options.login_version).count > 0) {
    ledger_.ForgetRefused(options.connection_id);
  }
  const base::MutexLock lock(mutex_);
  const Steady now = clock_.Now();
  pooled->opened = pooled->since = pooled->probed = now;
  pooled->lifetime_share = 1 - kLifetimeJitter * gate_.Draw();
  --opening_;
  ++totals_.opened_total;
  user_limit_ = {.user = pooled->session->server().user, .limit = pooled->session->server().user_limit};
  if (options.login_version == options_->login_version) gate_.Succeeded();
  pooled->stage = Stage::kLeased;  // the crew's, for a moment
  At(Stage::kLeased).PushBack(pooled.get());
  ComeBack(pooled.release(), now);
}

void PoolImpl::NotOpened(const PoolOptions& options, const Error& error) {
  std::optional<Refusals> refusals;
  if (error.code == ErrorCode::kUnauthenticated) {
    const Refusals last{.since = clock_.WallNow(), .sqlstate = std::string(error.Sqlstate())};
    refusals = ledger_.NoteRefused(options.connection_id, options.login_version, last);
  }
  const base::MutexLock lock(mutex_);
  --opening_;
  if (error.code == ErrorCode::kResourceExhausted) ++totals_.no_room_total;
  if (options.login_version == options_->login_version) {  // else it says nothing about the login in force
    const LoginGate::Verdict verdict = gate_.Failed(error, clock_);
    if (refusals) gate_.Merge(*refusals);
    const bool hopeless = Hopeless();
    switch (verdict) {
      case LoginGate::Verdict::kWaitOn:
        break;
      case LoginGate::Verdict::kFailIfHopeless:
        if (hopeless) FailWaiters(error, line_.size());
        break;
      case LoginGate::Verdict::kFailHead:
        FailWaiters(error, hopeless ? line_.size() : 1);
        break;
    }
  }
  NudgeCrew();
  if (Slots() == 0) drained_.notify_all();
}

void PoolImpl::Waker::Wake() {
  const base::MutexLock lock(mutex);
  if (pool != nullptr) pool->OnSlotFree();
}

void PoolImpl::OnSlotFree() {
  const base::MutexLock lock(mutex_);
  slot_freed_ = true;
  NudgeCrew();
}

}  // namespace berth::pool
