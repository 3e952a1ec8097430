#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/fork_guard.h"
#include "base/mutex.h"
#include "pool/intrusive_list.h"
#include "pool/login_gate.h"
#include "pool/pool.h"
#include "pool/pool_texts.h"
#include "pool/pooled_session.h"
#include "pool/waiter.h"

namespace berth::pool {

// One mutex guards the stages and the line; nothing that can block is done under it. What takes time is a job of the
// crew: log in, reset, close. A crew thread that takes a job wakes or starts another one if there is more to do or to
// wait for.
//
//   pool_acquire.cc  taking a session, standing in line, who is next
//   pool_return.cc   the fates of a session that comes back
//   pool_crew.cc     the crew: jobs and when they are due
//   pool_upkeep.cc   minimum idle, keepalive, leases that are out for too long
//   pool_yield.cc    giving up sessions for other processes
//   pool_admin.cc    making, altering, closing, counting
class PoolImpl final : public Pool {
 public:
  PoolImpl(PoolOptions options, Environment environment);
  PoolImpl(const PoolImpl&) = delete;
  PoolImpl& operator=(const PoolImpl&) = delete;
  ~PoolImpl() override;

  Result<Lease> Acquire(const AcquireRequest& request) override;
  void Reconfigure(PoolOptions options) override;
  Status Close(Deadline deadline) override;
  Status Drain(Deadline deadline) override;
  PoolStats Stats() const override;
  PoolFacts Facts() const override;

 protected:
  void Relabel(PooledSession* session, std::string_view label) override;
  void Return(PooledSession* session, bool discard) override;

 private:
  using Steady = Clock::Steady;
  using Options = std::shared_ptr<const PoolOptions>;

  struct Job {
    enum class Kind : std::uint8_t { kStop, kReset, kClose, kConnect, kLeaveLine, kYield, kFill, kProbe, kWarn };
    Kind kind = Kind::kStop;
    PooledSession* session = nullptr;  // kReset, kClose, kProbe
    Options options;                   // kConnect, kFill
    std::unique_ptr<Ticket> ticket;    // kConnect (may be null), kLeaveLine
  };
  // What the ledger calls; outlives the pool where a call is under way.
  struct Waker {
    base::Mutex mutex;
    PoolImpl* pool BERTH_GUARDED_BY(mutex) = nullptr;
    void Wake();
    void Pressed();
  };

  // pool_acquire.cc
  Result<Lease> AcquireInLine(const AcquireRequest& request, Steady start, bool had_turn);
  // Gives up the caller's lock for a moment, which the analysis cannot follow.
  Result<PooledSession*> Await(base::MutexLock& lock, Waiter& waiter, Deadline deadline,
                               const Cancellation::Watch& watch) BERTH_REQUIRES(mutex_)
      BERTH_TSA(no_thread_safety_analysis);
  bool Verify(PooledSession* session, Deadline deadline) BERTH_EXCLUDES(mutex_);
  PooledSession* NearestOfJustNow(const Claimant& who, Steady now) const BERTH_REQUIRES(mutex_);
  PooledSession* TakeIdle(const Claimant& who, Steady now) BERTH_REQUIRES(mutex_);
  void LeaseTo(PooledSession* session, const Claimant& who, Steady now) BERTH_REQUIRES(mutex_);
  void ServeLine(Steady now) BERTH_REQUIRES(mutex_);
  void LeaveLine(Waiter& waiter) BERTH_REQUIRES(mutex_);
  void FailWaiters(const Error& error, std::size_t count) BERTH_REQUIRES(mutex_);
  bool MayBarge(Steady now) const BERTH_REQUIRES(mutex_);
  bool Hopeless() const BERTH_REQUIRES(mutex_);
  Shortage Shortfall(const PoolOptions& options, const Waiter& waiter, Steady now) BERTH_REQUIRES(mutex_);
  std::optional<std::size_t> UserSessions(const PoolOptions& options) const BERTH_EXCLUDES(mutex_);
  std::vector<Holder> LongestHolders(Steady now) const BERTH_REQUIRES(mutex_);

  // pool_return.cc
  void Move(PooledSession* session, Stage to) BERTH_REQUIRES(mutex_);
  void ComeBack(PooledSession* session, Steady now) BERTH_REQUIRES(mutex_);
  bool MustClose(const PooledSession& session, Steady now) const BERTH_REQUIRES(mutex_);
  bool AboveGroup(const PooledSession& session) const BERTH_REQUIRES(mutex_);
  Steady ExpiryOf(const PooledSession& session) const BERTH_REQUIRES(mutex_);
  bool Expired(const PooledSession& session, Steady now) const BERTH_REQUIRES(mutex_);
  Steady LifeEndOf(const PooledSession& session) const BERTH_REQUIRES(mutex_);
  void ExpireIdle(Steady now) BERTH_REQUIRES(mutex_);
  void Destroy(PooledSession* session) BERTH_EXCLUDES(mutex_);
  void RunReset(PooledSession* session) BERTH_EXCLUDES(mutex_);

  // pool_crew.cc
  void CrewMain();
  Job NextJob() BERTH_EXCLUDES(mutex_);
  std::optional<Job> PickJob(Steady now) BERTH_REQUIRES(mutex_);
  void NudgeCrew() BERTH_REQUIRES(mutex_);
  Steady NextDue() const BERTH_REQUIRES(mutex_);
  Steady WorkDue() const BERTH_REQUIRES(mutex_);
  Steady ConnectDue() const BERTH_REQUIRES(mutex_);
  void RunConnect(Job job) BERTH_EXCLUDES(mutex_);
  bool RefusedElsewhere(const PoolOptions& options) BERTH_EXCLUDES(mutex_);
  Result<std::optional<Slot>> TakeSlot(const PoolOptions& options, std::unique_ptr<Ticket>& ticket)
      BERTH_EXCLUDES(mutex_);
  Result<std::unique_ptr<session::Session>> LogIn(const PoolOptions& options, const Slot& slot) BERTH_EXCLUDES(mutex_);
  void ClearOrphan(const session::ConnectParams& params, const SlotOrphan& orphan) BERTH_EXCLUDES(mutex_);
  void Opened(const PoolOptions& options, Slot slot, std::unique_ptr<session::Session> session) BERTH_EXCLUDES(mutex_);
  void NotOpened(const PoolOptions& options, const Error& error) BERTH_EXCLUDES(mutex_);
  void OnSlotFree() BERTH_EXCLUDES(mutex_);

  static SlotRequest RequestOf(const PoolOptions& options) {
    return {.connection_id = options.connection_id,
            .cap = options.sessions_max,
            .version = options.version,
            .group = options.group};
  }
  void OpenOn(const PoolOptions& options, Slot slot) BERTH_EXCLUDES(mutex_);

  // pool_upkeep.cc
  Steady FillDue() const BERTH_REQUIRES(mutex_);
  void RunFill(const PoolOptions& options) BERTH_EXCLUDES(mutex_);
  Steady ProbeDueOf(const PooledSession& session) const BERTH_REQUIRES(mutex_);
  PooledSession* TakeToProbe(Steady now) BERTH_REQUIRES(mutex_);
  void RunProbe(PooledSession* session) BERTH_EXCLUDES(mutex_);
  void RunWarn() BERTH_EXCLUDES(mutex_);

  // pool_yield.cc
  void OnPressure() BERTH_EXCLUDES(mutex_);
  void RunYield() BERTH_EXCLUDES(mutex_);
  bool StepAside(const PoolOptions& options) BERTH_EXCLUDES(mutex_);
  void ShedFor(const LineView& view, std::size_t held, CapOf cap, Steady now) BERTH_REQUIRES(mutex_);
  bool Shed(const PooledSession& session, Steady now) BERTH_REQUIRES(mutex_);

  // pool_admin.cc
  void Adopt(PoolOptions options, Steady now) BERTH_REQUIRES(mutex_);
  bool Paused(Steady now) const BERTH_REQUIRES(mutex_) { return now < paused_until_; }
  void BeginClose(Steady now) BERTH_REQUIRES(mutex_);
  PoolStats StatsNow() const BERTH_REQUIRES(mutex_);
  std::size_t Slots() const BERTH_REQUIRES(mutex_);  // open, opening and closing
  bool OverCap() const BERTH_REQUIRES(mutex_);

  IntrusiveList<PooledSession>& At(Stage stage) BERTH_REQUIRES(mutex_) {
    return stages_[static_cast<std::size_t>(stage)];
  }
  const IntrusiveList<PooledSession>& At(Stage stage) const BERTH_REQUIRES(mutex_) {
    return stages_[static_cast<std::size_t>(stage)];
  }

  session::SessionFactory& factory_;
  SlotLedger& ledger_;
  const Clock& clock_;
  const std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();

  mutable base::Mutex mutex_;
  std::condition_variable crew_wake_;
  std::condition_variable drained_;  // closed or paused, and no session is left

  Options options_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
  Steady paused_until_ BERTH_GUARDED_BY(mutex_) = Steady::min();  // no lease and no login before this
  std::array<IntrusiveList<PooledSession>, kStages> stages_ BERTH_GUARDED_BY(mutex_);
  IntrusiveList<Waiter> line_ BERTH_GUARDED_BY(mutex_);
  LoginGate gate_ BERTH_GUARDED_BY(mutex_);
  Steady next_expiry_ BERTH_GUARDED_BY(mutex_) = Steady::max();  // no idle session expires before this
  Steady next_probe_ BERTH_GUARDED_BY(mutex_) = Steady::max();   // none is to be probed before this
  Steady next_leak_ BERTH_GUARDED_BY(mutex_) = Steady::max();    // none is on loan for too long before this
  Steady next_fill_ BERTH_GUARDED_BY(mutex_) = Steady::min();    // not before: others had all slots
  PoolStats totals_ BERTH_GUARDED_BY(mutex_);                    // its *_total members
  UserLimit user_limit_ BERTH_GUARDED_BY(mutex_);                // as the last login was told

  // Logins under way. One thread at a time asks for a slot; the ticket is the pool's place in the ledger's line.
  std::size_t opening_ BERTH_GUARDED_BY(mutex_) = 0;
  bool taking_slot_ BERTH_GUARDED_BY(mutex_) = false;
  bool slot_freed_ BERTH_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Ticket> ticket_ BERTH_GUARDED_BY(mutex_);

  // Giving way to other processes.
  std::unique_ptr<Ticket> pressure_watch_;                      // set once
  Steady yield_due_ BERTH_GUARDED_BY(mutex_) = Steady::max();   // when to look at the line of the others; max(): never
  Steady next_yield_ BERTH_GUARDED_BY(mutex_) = Steady::min();  // not before
  Steady next_shed_ BERTH_GUARDED_BY(mutex_) = Steady::min();   // not before
  Steady next_want_ BERTH_GUARDED_BY(mutex_) = Steady::min();   // no slot is asked for before
  bool shed_ BERTH_GUARDED_BY(mutex_) = false;                  // the next session that comes back is closed
  Steady::duration shed_pause_ BERTH_GUARDED_BY(mutex_){0};     // after that
  Steady::duration login_time_ BERTH_GUARDED_BY(mutex_){0};     // of late

  const std::uint32_t epoch_ = base::ForkEpoch();
  std::vector<std::thread> crew_ BERTH_GUARDED_BY(mutex_);
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  session::Interrupt stop_logins_;                            // self-synchronised; fired when the pool closes
  std::size_t starting_ BERTH_GUARDED_BY(mutex_) = 0;         // crew threads that will look for a job
  std::size_t sleeping_ BERTH_GUARDED_BY(mutex_) = 0;         // crew threads without a job
  Steady crew_due_ BERTH_GUARDED_BY(mutex_) = Steady::max();  // until when they sleep at most
};

}  // namespace berth::pool
