#include <algorithm>

#include "pool/pool_impl.h"

namespace berth::pool {

void PoolImpl::Waker::Pressed() {
  const base::MutexLock lock(mutex);
  if (pool != nullptr) pool->OnPressure();
}

void PoolImpl::OnPressure() {
  const base::MutexLock lock(mutex_);
  if (closed_) return;
  yield_due_ = std::min(yield_due_, std::max(clock_.Now(), next_yield_));
  NudgeCrew();
}

namespace {

// Has a party that holds so many its share? With one that has none at all the share is rounded down, else up, so that
// equals do not pass sessions around.
bool MayShed(const LineView& view, std::size_t held) {
  if (view.waiting == 0 || held == 0) return false;
  return view.starving > 0 ? held * view.parties >= view.cap : (held - 1) * view.parties >= view.cap;
}

bool ShallStepAside(const LineView& view, std::size_t held) {
  return held > 0 && view.starving > 0 && held * view.parties >= view.cap;
}

}  // namespace

// Others wait, for slots of the connection or of its group. Idle sessions that nobody here wants go at once, as many as
// are waited for; where all are busy, a pool that has more than its share closes one when it comes back.
void PoolImpl::RunYield() {
  std::int64_t id = 0;
  {
    const base::MutexLock lock(mutex_);
    id = options_->connection_id;
  }
  const LineView view = ledger_.LookAtLine(id);
  const LineView group = ledger_.LookAtLine(id, CapOf::kGroup);
  const base::MutexLock lock(mutex_);
  const Steady now = clock_.Now();
  next_yield_ = now + kYieldLook;
  // The group's others gain nothing from reserved slots.
  const std::size_t wanted = std::max(view.waiting, std::min(group.waiting, group.held));
  if (wanted == 0) {
    shed_ = false;
    return;
  }
  std::size_t going = At(Stage::kToClose).size() + At(Stage::kClosing).size();
  const std::size_t spare = At(Stage::kIdle).size() - std::min(At(Stage::kIdle).size(), line_.size());
  for (std::size_t i = 0; i < spare && going < wanted; ++i, ++going) {
    Move(At(Stage::kIdle).front(), Stage::kToClose);
  }
  if (spare == 0 && going == 0 && now >= next_shed_) {
    ShedFor(view, Slots() - opening_, CapOf::kConnection, now);
    ShedFor(group, group.held, CapOf::kGroup, now);
  }
  // Who waits is seen by the sessions that come back; where none does, nothing changes.
  NudgeCrew();
}

void PoolImpl::ShedFor(const LineView& view, std::size_t held, CapOf cap, Steady now) {
  if (shed_ || now < next_shed_ || !MayShed(view, held)) return;
  // Far above its share it does not wait for its own logins: it will not need them.
  const bool above = (held - 1) * view.parties >= view.cap;
  shed_pause_ = above ? Steady::duration(kYieldLook) : login_time_ * kYieldLogins;
  const Steady::duration between =
      above ? Steady::duration(kYieldLook) : std::max<Steady::duration>(kYieldLook, login_time_ * 2);
  shed_ = ledger_.MayYield(options_->connection_id, cap, between);
}

// A pool that has its share leaves the line while a party that has nothing stands in it.
bool PoolImpl::StepAside(const PoolOptions& options) {
  std::size_t held = 0;
  {
    const base::MutexLock lock(mutex_);
    held = Slots() - 1;  // without the login that this is about
  }
  if (held == 0) return false;
  const LineView group = ledger_.LookAtLine(options.connection_id, CapOf::kGroup);
  if (!ShallStepAside(ledger_.LookAtLine(options.connection_id), held) && !ShallStepAside(group, group.held)) {
    return false;
  }
  const base::MutexLock lock(mutex_);
  next_want_ = clock_.Now() + kStepAside;
  return true;
}

// A session comes back: is it the one to be closed for others?
bool PoolImpl::Shed(const PooledSession& session, Steady now) {
  if (!session.slot->pressed()) {
    shed_ = false;
    return false;
  }
  if (yield_due_ == Steady::max()) yield_due_ = std::max(now, next_yield_);
  if (!shed_) return false;
  shed_ = false;
  next_shed_ = now + shed_pause_;
  return true;
}

}  // namespace berth::pool
