#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/group_share.h"

namespace berth::pool {

// What a slot's session does; kFree in the records of free slots alone. kReserved: no session of Berth's; the slot is
// kept for a program that opens its own (berth exec).
enum class SlotState : std::uint8_t { kFree, kOpening, kIdle, kBusy, kClosing, kReserved };
std::string_view NameOf(SlotState state);

// What a process left behind that died with a slot: a session that the server may still count.
struct SlotOrphan {
  std::int32_t backend_pid = 0;  // 0: it died before it had logged in
  std::int32_t cancel_key = 0;
};

// A slot that is out, as its ledger knows it; given back when destroyed. Notes are relaxed stores: no system call.
class SlotHold {
 public:
  virtual ~SlotHold() = default;
  virtual void Opened(std::int32_t /*backend_pid*/, std::int32_t /*cancel_key*/) noexcept {}
  virtual void Note(SlotState /*state*/, Clock::Steady /*since*/) noexcept {}
  virtual std::optional<SlotOrphan> orphan() const { return std::nullopt; }
  virtual std::size_t number() const noexcept { return 0; }  // from 0; those at or above a lowered cap are to go
  // A hint, one load: others may wait for a slot. SlotLedger::LookAtLine knows.
  virtual bool pressed() const noexcept { return false; }
  // How many the connection holds here above a lowered cap of its group.
  virtual std::size_t group_surplus() const { return 0; }
  // The slot is from now on `program`'s, which this process is about to become (execve): it inherits a descriptor, and
  // the slot lasts until the last of its descendants that has it open is gone. Nothing is given back here any more.
  // Errors: kNotSupported where slots are counted in memory, kInternal where the system has no descriptor left.
  virtual Status Bequeath(std::string_view program);
};

// The right to keep one session open. It rides on the session and is given back only once the server has closed the
// session's socket, so the cap bounds what the server counts, not leases.
class Slot {
 public:
  Slot() = default;
  explicit Slot(std::unique_ptr<SlotHold> hold) : hold_(std::move(hold)) {}
  SlotHold* operator->() const noexcept { return hold_.get(); }
  explicit operator bool() const noexcept { return hold_ != nullptr; }

 private:
  std::unique_ptr<SlotHold> hold_;
};

// A wish for a slot, standing in line until it is destroyed; to be destroyed with no lock held that `wake` takes.
class Ticket {
 public:
  virtual ~Ticket() = default;
  virtual std::size_t place() const { return 1; }  // in line, from 1, as far as one can see; a few system calls
};

struct SlotRequest {
  std::int64_t connection_id = 0;
  std::size_t cap = 0;       // MAX_CONCURRENT_CONNECTIONS, as of
  std::int64_t version = 0;  // this definition: the newest one that the ledger has heard of counts
  Ticket* ticket = nullptr;
  std::optional<GroupShare> group = std::nullopt;  // then a slot of the group is needed as well
};

// A connection in a group stands below two caps, each with a line of its own.
enum class CapOf : std::uint8_t { kConnection, kGroup };

// The line for slots, as one process (of a group: one connection of one process, a party) sees it.
struct LineView {
  std::size_t waiting = 0;   // tickets of other parties
  std::size_t starving = 0;  // of these parties, those without any slot
  std::size_t parties = 1;   // that hold a slot or wait for one, this one among them
  std::size_t cap = 0;       // of a group: what is not reserved
  std::size_t held = 0;      // of them by this party
};

// Logins that the server refused for their password (28xxx), over all processes, with the login in force.
struct Refusals {
  std::size_t count = 0;
  Clock::Wall since{};   // the first of them
  std::string sqlstate;  // of the last one
};

// A slot as its record says (SHOW SLOTS).
struct SlotFacts {
  std::size_t slot = 0;
  pid_t pid = 0;
  std::string program;
  uid_t uid = 0;
  SlotState state = SlotState::kFree;
  std::chrono::nanoseconds age{0};  // since it was taken
  std::chrono::nanoseconds in_state{0};
  std::int32_t backend_pid = 0;  // 0: not logged in
  bool alive = false;            // its process lives (or a descendant of a kReserved one); else an orphan, of which the
                                 // next taker takes care
  bool own = false;              // held by this ledger
  std::int64_t connection_id = 0;
};

// Who hands out slots: this process alone, or all that share a catalog. A waiter takes whichever comes first, a free
// session or a slot, so there is no blocking call here: it tries, and if there is none leaves a ticket. Safe from many
// threads.
class SlotLedger {
 public:
  virtual ~SlotLedger() = default;
  // A slot if fewer than the cap are out and no one stands in line before the request's ticket (may be null).
  virtual Result<std::optional<Slot>> TryTake(const SlotRequest& request) = 0;
  // Stands in line; `wake` is called (from any thread, no lock of the ledger held) when TryTake may succeed for it.
  // Slots that came free before it stood there wake nobody: try once more with the ticket. A call that has begun may
  // end after the ticket is gone.
  virtual Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) = 0;
  // How the line of others stands. A few system calls; free of them where `pressed` hints at nobody.
  virtual LineView LookAtLine(std::int64_t connection_id, CapOf cap) = 0;
  LineView LookAtLine(std::int64_t connection_id) { return LookAtLine(connection_id, CapOf::kConnection); }
  // `pressed` is called (from any thread, no lock of the ledger held) when others come to wait for slots of a
  // connection, or of its group, of which this process holds some, and again while they do. Until the returned object
  // dies; a call that has begun may end after that.
  virtual std::unique_ptr<Ticket> WatchPressure(std::int64_t connection_id, std::function<void()> pressed) = 0;
  // May a session be closed now in favour of others? At most once in `interval` over all processes.
  virtual bool MayYield(std::int64_t connection_id, CapOf cap, std::chrono::nanoseconds interval) = 0;
  // The cap has been altered: counts from now on, in all processes. Errors are left to the next TryTake.
  virtual void Announce(const SlotRequest& request) = 0;

  virtual Refusals NoteRefused(std::int64_t connection_id, std::int64_t login_version, const Refusals& last) = 0;
  virtual Refusals Refused(std::int64_t connection_id, std::int64_t login_version) = 0;
  virtual void ForgetRefused(std::int64_t connection_id) = 0;  // RESUME, or a login that succeeded

  // All records of a connection that are not free.
  virtual std::vector<SlotFacts> Slots(std::int64_t connection_id) = 0;
  // The same of a group; what their sessions do is told by Slots alone (kBusy throughout).
  virtual std::vector<SlotFacts> SlotsOfGroup(std::int64_t group_id) = 0;
  // The connection has been dropped: what was kept of it goes once the last process has closed its sessions.
  virtual void Forget(std::int64_t connection_id) = 0;
  virtual void ForgetGroup(std::int64_t group_id) = 0;

  // A number that all processes share and that grows with each change of the catalog that connections may have to hear
  // of: whoever commits one bumps it. A process that dies between the two tells nobody, so look at the catalog now and
  // then as well. Reading is one load. Without a folder that can be used: 0, and no news.
  virtual std::uint64_t CatalogEpoch() = 0;
  virtual void BumpCatalogEpoch() = 0;
  // `changed` is called (from any thread, no lock of the ledger held) within a second of a bump, own ones included,
  // until the returned object dies; a call that has begun may end after that.
  virtual std::unique_ptr<Ticket> WatchCatalog(std::function<void()> changed) = 0;
};

struct HostLedgerOptions {
  std::string folder;            // made if it is not there; empty: in memory, for this process alone
  std::string program;           // shown to others, cut to kProgramMax bytes
  mode_t file_mode = 0600;       // the catalog's; decides on the folder's too
  std::uint64_t catalog_id = 0;  // slot files of another catalog (its inode) forget what it had set
};
inline constexpr std::size_t kProgramMax = 64;
inline constexpr std::size_t kSlotsMax = 2000;  // of a connection; a greater cap is as good as this one

// All processes of this host that name the same folder, which must not be on a network file system. Slots are locks of
// open file descriptions: the kernel frees them when their process dies, and keeps them while it is stopped.
// The folder is made when the first slot is asked for; errors come from there.
std::unique_ptr<SlotLedger> MakeHostLedger(HostLedgerOptions options);
// The same for this process alone.
inline std::unique_ptr<SlotLedger> MakeLocalLedger() {
  return MakeHostLedger({});
}

}  // namespace berth::pool
