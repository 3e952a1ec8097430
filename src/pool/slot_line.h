#pragma once

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

// The slots of one connection and the line for them: a slot file, and what of it is this ledger's own, which the kernel
// does not show (locks of one open file do not exclude one another). Safe from many threads.
class SlotLine {
 public:
  using Wake = std::shared_ptr<const std::function<void()>>;

  SlotLine(std::unique_ptr<SlotFile> file, std::shared_ptr<const WakeWord> bell, SlotHolder holder)
      : file_(std::move(file)), bell_(std::move(bell)), holder_(std::move(holder)) {}

  std::optional<TakenSlot> TryTake(const SlotRequest& request, std::optional<std::uint64_t> ticket);
  void GiveBack(std::size_t slot);
  Status Bequeath(std::size_t slot, std::string_view program);
  std::uint64_t Stand(std::function<void()> wake);
  void Leave(std::uint64_t ticket);
  std::size_t PlaceOf(std::uint64_t ticket) const;         // from 1
  std::size_t AdoptCap(const SlotRequest& request) const;  // the cap in force

  LineView Look();
  bool MayYield(std::chrono::nanoseconds interval) const;
  std::vector<SlotFacts> Facts() const;
  Refusals NoteRefused(std::int64_t login_version, const Refusals& last) const;
  Refusals Refused(std::int64_t login_version) const;
  void ForgetRefused() const { file_->header().refused = 0; }
  void Forget() const { file_->header().forgotten = 1; }

  // For the thread that watches the bell.
  bool InUse() const;     // holds slots or stands in line
  bool Standing() const;  // stands in line
  Wake WhomToWake();      // null: nobody here may take one now
  bool OthersWait();      // while slots are held here; takes back a hint that killed processes left

  SlotRecord& record(std::size_t slot) const { return file_->record(slot); }
  bool hinted() const noexcept { return file_->header().waiting.load(std::memory_order_relaxed) > 0; }

 private:
  using Slots = std::bitset<kSlotsMax>;

  bool IsHead(std::optional<std::uint64_t> ticket) const BERTH_REQUIRES(mutex_);
  std::optional<TakenSlot> Find(std::size_t cap) BERTH_REQUIRES(mutex_);
  bool Lock(std::size_t slot, std::size_t cap, bool draining) BERTH_REQUIRES(mutex_);
  Slots OthersSlots(std::size_t from, std::size_t to) const;
  bool Draining(std::size_t cap) const BERTH_REQUIRES(mutex_);  // some above a lowered cap are still held
  void ReviveHint() const BERTH_REQUIRES(mutex_);
  void DropStaleHint() const;
  std::size_t CapInForce() const;

  const std::unique_ptr<SlotFile> file_;
  const std::shared_ptr<const WakeWord> bell_;
  const SlotHolder holder_;
  mutable base::Mutex mutex_;
  Slots own_ BERTH_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Wake> tickets_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::pool
