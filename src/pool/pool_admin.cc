#include <unistd.h>

#include <cstdint>
#include <utility>

#include "pool/pool_impl.h"

namespace berth::pool {
namespace {

// Differs from process to process and from pool to pool, so that they do not retry or expire in step.
std::uint64_t SeedOf(const void* pool, const Clock& clock) {
  const auto now = static_cast<std::uint64_t>(clock.Now().time_since_epoch().count());
  const auto where = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pool));
  return (now ^ (where << 16U) ^ static_cast<std::uint64_t>(::getpid())) % 2'147'483'646U + 1;
}

}  // namespace

std::shared_ptr<Pool> Pool::Create(PoolOptions options, Environment environment) {
  return std::make_shared<PoolImpl>(std::move(options), environment);
}

PoolImpl::PoolImpl(PoolOptions options, Environment environment)
    : factory_(environment.factory),
      ledger_(environment.ledger),
      clock_(environment.clock),
      gate_(SeedOf(this, environment.clock)) {
  stop_logins_.Arm();
  {
    const base::MutexLock lock(waker_->mutex);
    waker_->pool = this;
  }
  const base::MutexLock lock(mutex_);
  Adopt(std::move(options), clock_.Now());
  pressure_watch_ = ledger_.WatchPressure(options_->connection_id, [waker = waker_] { waker->Pressed(); });
  NudgeCrew();
}

// Leases hold the pool, so none is out, and nobody waits.
PoolImpl::~PoolImpl() {
  std::vector<std::thread> crew;
  if (base::ForkEpoch() != epoch_) {
    for (std::thread& thread : crew_) thread.detach();  // they never came along
    return;
  }
  {
    const base::MutexLock lock(mutex_);
    BeginClose(clock_.Now());
    stopping_ = true;
    crew_wake_.notify_all();
    crew.swap(crew_);
  }
  for (std::thread& thread : crew) thread.join();
  const base::MutexLock lock(waker_->mutex);
  waker_->pool = nullptr;
}

void PoolImpl::Reconfigure(PoolOptions options) {
  ledger_.Announce(RequestOf(options));
  const base::MutexLock lock(mutex_);
  if (closed_ || options_->NewerThan(options)) return;
  if (options.login_version != options_->login_version) gate_.Forget();
  const Steady now = clock_.Now();
  Adopt(std::move(options), now);
  if (Paused(now) && options_->pause->mode == Pause::Mode::kRefuse) {
    FailWaiters(PausedError(*options_), line_.size());
  }
  ExpireIdle(now);
  ServeLine(now);
  NudgeCrew();
}

// The end of a pause is a time of day; it is waited for in steady time.
void PoolImpl::Adopt(PoolOptions options, Steady now) {
  paused_until_ = Steady::min();
  if (options.pause) {
    const auto& until = options.pause->until;
    paused_until_ =
        until ? now + std::chrono::duration_cast<Steady::duration>(*until - clock_.WallNow()) : Steady::max();
  }
  options_ = std::make_shared<const PoolOptions>(std::move(options));
  next_fill_ = Steady::min();
  if (options_->keepalive_interval.count() > 0) next_probe_ = now;  // looks anew when they are due
  if (options_->leak_after.count() > 0) next_leak_ = now;
}

void PoolImpl::BeginClose(Steady now) {
  if (closed_) return;
  closed_ = true;
  stop_logins_.Fire();
  FailWaiters(DroppedError(*options_), line_.size());
  ExpireIdle(now);
  NudgeCrew();
}

Status PoolImpl::Close(Deadline deadline) {
  if (base::ForkEpoch() != epoch_) return ForkedError();
  std::vector<std::thread> crew;
  {
    base::MutexLock lock(mutex_);
    BeginClose(clock_.Now());
    while (Slots() > 0) {
      const Steady now = clock_.Now();
      if (now >= deadline.time()) return StillInUseError(*options_, StatsNow(), LongestHolders(now));
      clock_.WaitUntil(drained_, lock.native(), deadline.time());
    }
    stopping_ = true;
    crew_wake_.notify_all();
    crew.swap(crew_);
  }
  for (std::thread& thread : crew) thread.join();
  return {};
}

Status PoolImpl::Drain(Deadline deadline) {
  if (base::ForkEpoch() != epoch_) return ForkedError();
  base::MutexLock lock(mutex_);
  for (;;) {
    while (!At(Stage::kIdle).empty()) Move(At(Stage::kIdle).front(), Stage::kToClose);
    if (Slots() == 0) return {};
    const Steady now = clock_.Now();
    if (now >= deadline.time()) return StillInUseError(*options_, StatsNow(), LongestHolders(now));
    clock_.WaitUntil(drained_, lock.native(), deadline.time());
  }
}

void PoolImpl::Relabel(PooledSession* session, std::string_view label) {
  const base::MutexLock lock(mutex_);
  session->SetLabel(label);
}

PoolFacts PoolImpl::Facts() const {
  const base::MutexLock lock(mutex_);
  bool pressed = false;
  for (const auto stage : {Stage::kLeased, Stage::kIdle}) {
    const PooledSession* const any = At(stage).front();  // the hint is the line's: all slots have the same
    pressed = pressed || (any != nullptr && any->slot->pressed());
  }
  return {.connection_id = options_->connection_id,
          .name = options_->connection_name,
          .sessions_max = options_->sessions_max,
          .paused = Paused(clock_.Now()),
          .suspended = gate_.suspended(),
          .pressed = pressed,
          .stats = StatsNow()};
}

PoolStats PoolImpl::Stats() const {
  const base::MutexLock lock(mutex_);
  return StatsNow();
}

PoolStats PoolImpl::StatsNow() const {
  PoolStats stats = totals_;
  stats.idle = At(Stage::kIdle).size() + At(Stage::kProbing).size();
  stats.leased = At(Stage::kLeased).size() + At(Stage::kToReset).size() + At(Stage::kResetting).size();
  stats.opening = opening_;
  stats.closing = At(Stage::kToClose).size() + At(Stage::kClosing).size();
  stats.waiting = line_.size();
  return stats;
}

std::size_t PoolImpl::Slots() const {
  std::size_t sum = opening_;
  for (const auto& stage : stages_) sum += stage.size();
  return sum;
}

// Those on their way out do not count: as many as are above go, not more.
bool PoolImpl::OverCap() const {
  return Slots() - At(Stage::kToClose).size() - At(Stage::kClosing).size() > options_->sessions_max;
}

}  // namespace berth::pool
