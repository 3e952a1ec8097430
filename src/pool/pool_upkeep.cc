#include <algorithm>

#include "base/log.h"
#include "pool/pool_impl.h"

namespace berth::pool {

// When the crew may log in for nobody in particular; max(): there are enough idle ones. One at a time, and not after a
// refused password: what is left of these is for callers.
Clock::Steady PoolImpl::FillDue() const {
  if (options_->min_idle == 0 || closed_ || gate_.refused() > 0 || taking_slot_) return Steady::max();
  const std::size_t idle = At(Stage::kIdle).size() + At(Stage::kProbing).size();
  if (!line_.empty() || opening_ > 0 || idle >= options_->min_idle || Slots() >= options_->sessions_max) {
    return Steady::max();
  }
  return std::max({next_fill_, gate_.retry_at(), next_want_, paused_until_});
}

// Stands in no line: who has a caller goes first, here and in every process.
void PoolImpl::RunFill(const PoolOptions& options) {
  const bool others = ledger_.LookAtLine(options.connection_id).waiting > 0 ||
                      ledger_.LookAtLine(options.connection_id, CapOf::kGroup).waiting > 0;
  Result<std::optional<Slot>> slot = std::optional<Slot>();
  if (!others && !RefusedElsewhere(options)) {
    slot = ledger_.TryTake(RequestOf(options));
  }
  const bool none = slot.ok() && !slot.value();
  {
    const base::MutexLock lock(mutex_);
    taking_slot_ = false;
    if (none) {
      --opening_;
      next_fill_ = clock_.Now() + kFillAgain;
      if (Slots() == 0) drained_.notify_all();
    }
    NudgeCrew();
  }
  if (!slot.ok()) return NotOpened(options, slot.error());
  if (!none) OpenOn(options, *std::move(slot.value()));
}

Clock::Steady PoolImpl::ProbeDueOf(const PooledSession& session) const {
  if (options_->keepalive_interval.count() == 0) return Steady::max();
  return std::max(session.since, session.probed) + options_->keepalive_interval;
}

PooledSession* PoolImpl::TakeToProbe(Steady now) {
  next_probe_ = Steady::max();
  PooledSession* found = nullptr;
  for (PooledSession* session = At(Stage::kIdle).front(); session != nullptr; session = session->next) {
    const Steady due = ProbeDueOf(*session);
    if (found == nullptr && now >= due) {
      found = session;
    } else {
      next_probe_ = std::min(next_probe_, due);
    }
  }
  if (found != nullptr) Move(found, Stage::kProbing);
  return found;
}

// Firewalls and servers drop links that are silent for long. Its time of idling goes on meanwhile.
void PoolImpl::RunProbe(PooledSession* session) {
  const bool alive = session->session->LooksAlive() && session->session->Ping(Deadline::After(clock_, kProbeMax)).ok();
  const base::MutexLock lock(mutex_);
  const Steady now = clock_.Now();
  session->probed = now;
  if (!alive) ++totals_.broken_total;
  Move(session, alive && !MustClose(*session, now) ? Stage::kIdle : Stage::kToClose);
  ServeLine(now);
}

// Those that are on loan for too long, each once. The longest holder is first.
void PoolImpl::RunWarn() {
  std::vector<Holder> leaks;
  Options options;
  {
    const base::MutexLock lock(mutex_);
    options = options_;
    if (options->leak_after.count() == 0) return;
    const Steady now = clock_.Now();
    for (PooledSession* session = At(Stage::kLeased).front(); session != nullptr; session = session->next) {
      if (session->leak_told) continue;
      const Steady due = session->since + options->leak_after;
      if (now < due) {
        next_leak_ = std::min(next_leak_, due);
        break;
      }
      session->leak_told = true;
      leaks.push_back(
          {.thread = session->thread, .label = std::string(session->label()), .held = now - session->since});
    }
  }
  for (const Holder& holder : leaks) log::Write(log::Level::kWarn, LeakText(options->connection_name, holder));
}

}  // namespace berth::pool
