#pragma once

#include <atomic>
#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "pool/slot_file.h"
#include "pool/slot_ledger.h"
#include "pool/wake_word.h"

namespace berth::pool {

// Who this process is, as its records say.
struct SlotHolder {
  pid_t pid = 0;
  std::uint64_t started = 0;
  uid_t uid = 0;
  std::string program;
};
SlotHolder ThisProcess(std::string program);

struct TakenSlot {
  std::size_t slot = 0;
  std::optional<SlotOrphan> orphan;
};

// What a connection may have of a line's slots: those below `open` when its turn comes, those of its own range at once.
struct SlotShare {
  std::int64_t connection_id = 0;
  std::int64_t version = 0;  // of the numbers
  std::size_t cap = 0;
  std::size_t open = 0;  // at most cap
  std::size_t own_from = 0, own_to = 0;
};
SlotShare ShareOf(const SlotRequest& request);  // of the connection's own slots
SlotShare ShareOf(std::int64_t connection_id, const GroupShare& group);

// The slots of one connection, or of one group, and the line for them: a slot file, and what of it is this ledger's
// own, which the kernel does not show (locks of one open file do not exclude one another). Safe from many threads.
class SlotLine {
 public:
  using Wake = std::shared_ptr<const std::function<void()>>;

  SlotLine(std::unique_ptr<SlotFile> file, std::shared_ptr<const WakeWord> bell, SlotHolder holder)
      : file_(std::move(file)), bell_(std::move(bell)), holder_(std::move(holder)) {}

  std::optional<TakenSlot> TryTake(const SlotShare& share, std::optional<std::uint64_t> ticket);
  bool MayTake(const SlotShare& share, std::optional<std::uint64_t> ticket);  // just now; nothing is taken
  void GiveBack(std::size_t slot);
  // One that the connection holds here, the least needed: above the cap, else one that is not its own, else a reserved
  // one.
  void GiveBackOneOf(std::int64_t connection_id);
  Status Bequeath(std::size_t slot, std::string_view program);
  Status BequeathAllOf(std::int64_t connection_id, std::string_view program);
  std::uint64_t Stand(std::int64_t connection_id, std::function<void()> wake);
  void Leave(std::uint64_t ticket);
  void Adopt(const SlotShare& share);               // its version's numbers count from now on
  std::size_t PlaceOf(std::uint64_t ticket) const;  // from 1

  LineView Look(std::int64_t connection_id);
  bool MayYield(std::chrono::nanoseconds interval) const;
  // Held by the connection here above a lowered cap.
  std::size_t SurplusOf(std::int64_t connection_id) const;
  // What connections hold of the slots for others moves to their reserved ones that have come free.
  void Settle();
  std::vector<SlotFacts> Facts() const;
  Refusals NoteRefused(std::int64_t login_version, const Refusals& last) const;
  Refusals Refused(std::int64_t login_version) const;
  void ForgetRefused() const { file_->header().refused = 0; }
  void Forget() const { file_->header().forgotten = 1; }
  bool in_memory() const { return file_->in_memory(); }

  // For the thread that watches the bell.
  bool InUse() const;     // holds slots or stands in line
  bool Standing() const;  // stands in line
  std::vector<Wake> WhomToWake();
  bool OthersWait(
      std::int64_t connection_id);  // while it holds slots here; takes back a hint that killed processes left

  SlotRecord& record(std::size_t slot) const { return file_->record(slot); }
  bool hinted() const noexcept { return file_->header().waiting.load(std::memory_order_relaxed) > 0; }

 private:
  using Slots = std::bitset<kSlotsMax>;
  struct InForce {
    std::size_t cap = 0, open = 0;
  };
  struct Place {
    std::int64_t connection_id = 0;
    Wake wake;
  };

  InForce Learn(const SlotShare& share) BERTH_REQUIRES(mutex_);
  InForce NowInForce() const;
  bool IsHead(std::optional<std::uint64_t> ticket) const BERTH_REQUIRES(mutex_);
  std::optional<TakenSlot> Find(std::size_t from, std::size_t to, std::size_t cap) BERTH_REQUIRES(mutex_);
  bool Lock(std::size_t slot, std::size_t cap, bool draining) BERTH_REQUIRES(mutex_);
  void Unlock(std::size_t slot) BERTH_REQUIRES(mutex_);
  void RecordHeir(std::size_t slot, std::string_view program) BERTH_REQUIRES(mutex_);
  bool SettleOne(std::size_t slot, InForce force) BERTH_REQUIRES(mutex_);
  bool OnOwnRange(std::size_t slot) const BERTH_REQUIRES(mutex_);  // reserved for the connection that holds it
  bool IsOf(std::size_t slot, std::int64_t connection_id) const {
    return file_->record(slot).connection_id.load(std::memory_order_relaxed) == connection_id;
  }
  Slots OthersSlots(std::size_t from, std::size_t to) const;
  bool Draining(std::size_t cap) const BERTH_REQUIRES(mutex_);  // some above a lowered cap are still held
  void ReviveHint() const BERTH_REQUIRES(mutex_);
  void DropStaleHint() const;

  const std::unique_ptr<SlotFile> file_;
  const std::shared_ptr<const WakeWord> bell_;
  const SlotHolder holder_;
  mutable std::atomic<bool> surplus_{false};  // may be: some of own_ are above the cap
  mutable base::Mutex mutex_;
  Slots own_ BERTH_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Place> tickets_ BERTH_GUARDED_BY(mutex_);
  std::map<std::int64_t, SlotShare> shares_ BERTH_GUARDED_BY(mutex_);  // of the connections of this process
};

}  // namespace berth::pool
