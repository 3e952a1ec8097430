#include <algorithm>
#include <atomic>
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

class LocalSlot final : public SlotHold {
 public:
  LocalSlot(std::shared_ptr<Counts> counts, std::int64_t id) : counts_(std::move(counts)), id_(id) {}
  ~LocalSlot() override { counts_->GiveBack(id_); }

 private:
  const std::shared_ptr<Counts> counts_;
  const std::int64_t id_;
};

class LocalLedger final : public SlotLedger {
 public:
  Result<std::optional<Slot>> TryTake(const SlotRequest& request) override {
    if (!counts_->TryTake(request.connection_id, request.cap, request.ticket)) return std::optional<Slot>();
    return std::make_optional<Slot>(std::make_unique<LocalSlot>(counts_, request.connection_id));
  }
  Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) override {
    return std::unique_ptr<Ticket>(std::make_unique<LocalTicket>(counts_, connection_id, std::move(wake)));
  }

  // No process but this one: nobody to yield to, and nobody else who is refused.
  LineView LookAtLine(std::int64_t /*connection_id*/, CapOf /*cap*/) override { return {}; }
  std::unique_ptr<Ticket> WatchPressure(std::int64_t /*connection_id*/, std::function<void()> /*pressed*/) override {
    return nullptr;
  }
  bool MayYield(std::int64_t /*connection_id*/, CapOf /*cap*/, std::chrono::nanoseconds /*interval*/) override {
    return false;
  }
  void Announce(const SlotRequest& /*request*/) override {}
  std::vector<SlotFacts> Slots(std::int64_t /*connection_id*/) override { return {}; }
  std::vector<SlotFacts> SlotsOfGroup(std::int64_t /*group_id*/) override { return {}; }
  void Forget(std::int64_t /*connection_id*/) override {}
  void ForgetGroup(std::int64_t /*group_id*/) override {}
  std::uint64_t CatalogEpoch() override { return epoch_.load(std::memory_order_relaxed); }
  void BumpCatalogEpoch() override { ++epoch_; }
  std::unique_ptr<Ticket> WatchCatalog(std::function<void()> /*changed*/) override { return nullptr; }

  Refusals NoteRefused(std::int64_t connection_id, std::int64_t login_version, const Refusals& last) override {
    const base::MutexLock lock(mutex_);
    auto& [version, refusals] = refused_[connection_id];
    if (version != login_version) refusals = {};
    version = login_version;
    if (refusals.count++ == 0) refusals.since = last.since;
    refusals.sqlstate = last.sqlstate;
    return refusals;
  }
  Refusals Refused(std::int64_t connection_id, std::int64_t login_version) override {
    const base::MutexLock lock(mutex_);
    const auto entry = refused_.find(connection_id);
    return entry != refused_.end() && entry->second.first == login_version ? entry->second.second : Refusals{};
  }
  void ForgetRefused(std::int64_t connection_id) override {
    const base::MutexLock lock(mutex_);
    refused_.erase(connection_id);
  }

 private:
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  std::atomic<std::uint64_t> epoch_{0};
  base::Mutex mutex_;
  std::map<std::int64_t, std::pair<std::int64_t, Refusals>> refused_ BERTH_GUARDED_BY(mutex_);  // with login version
};

}  // namespace

std::unique_ptr<SlotLedger> MakeLocalLedger() {
  return std::make_unique<LocalLedger>();
}

}  // namespace berth::pool
