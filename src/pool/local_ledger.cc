#include <algorithm>
#include <deque>
#include <map>

#include "base/mutex.h"
#include "pool/slot_ledger.h"

namespace berth::pool {
namespace {

using Wake = std::function<void()>;

// Shared by the ledger, its slots and its tickets, so that none need outlive another.
class Counts {
 public:
  bool TryTake(std::int64_t id, std::size_t cap, const Ticket* ticket) {
    const base::MutexLock lock(mutex_);
    auto& [out, line] = entries_[id];
    const bool first = line.empty() || line.front().ticket == ticket;
    const bool taken = first && out < cap;
    if (taken) ++out;
    Tidy(id);
    return taken;
  }

  void GiveBack(std::int64_t id) {
    base::MutexLock lock(mutex_);
    --entries_[id].out;
    const Wake wake = Front(id);
    Tidy(id);
    lock.Unlock();
    if (wake) wake();
  }

  void Stand(std::int64_t id, const Ticket* ticket, Wake wake) {
    const base::MutexLock lock(mutex_);
    entries_[id].line.push_back({ticket, std::move(wake)});
  }

  void Leave(std::int64_t id, const Ticket* ticket) {
    base::MutexLock lock(mutex_);
    auto& line = entries_[id].line;
    const bool was_first = line.front().ticket == ticket;
    line.erase(std::find_if(line.begin(), line.end(), [&](const Place& place) { return place.ticket == ticket; }));
    const Wake wake = was_first ? Front(id) : nullptr;
    Tidy(id);
    lock.Unlock();
    if (wake) wake();
  }

 private:
  struct Place {
    const Ticket* ticket;
    Wake wake;
  };
  struct Entry {
    std::size_t out = 0;
    std::deque<Place> line;  // one a pool that waits
  };

  Wake Front(std::int64_t id) BERTH_REQUIRES(mutex_) {
    const auto& line = entries_[id].line;
    return line.empty() ? nullptr : line.front().wake;
  }
  void Tidy(std::int64_t id) BERTH_REQUIRES(mutex_) {
    const auto entry = entries_.find(id);
    if (entry->second.out == 0 && entry->second.line.empty()) entries_.erase(entry);
  }

  base::Mutex mutex_;
  std::map<std::int64_t, Entry> entries_ BERTH_GUARDED_BY(mutex_);
};

class LocalTicket final : public Ticket {
 public:
  LocalTicket(std::shared_ptr<Counts> counts, std::int64_t id, Wake wake) : counts_(std::move(counts)), id_(id) {
    counts_->Stand(id_, this, std::move(wake));
  }
  ~LocalTicket() override { counts_->Leave(id_, this); }

 private:
  const std::shared_ptr<Counts> counts_;
  const std::int64_t id_;
};

class LocalLedger final : public SlotLedger {
 public:
  Result<std::optional<Slot>> TryTake(std::int64_t connection_id, std::size_t cap, const Ticket* ticket) override {
    if (!counts_->TryTake(connection_id, cap, ticket)) return std::optional<Slot>();
    return std::make_optional<Slot>([counts = counts_, connection_id] { counts->GiveBack(connection_id); });
  }
  Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) override {
    return std::unique_ptr<Ticket>(std::make_unique<LocalTicket>(counts_, connection_id, std::move(wake)));
  }
  std::size_t Pressure(std::int64_t /*connection_id*/) const override { return 0; }  // no process but this one

 private:
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace

std::unique_ptr<SlotLedger> MakeLocalLedger() {
  return std::make_unique<LocalLedger>();
}

}  // namespace berth::pool
