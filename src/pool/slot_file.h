#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fork_guard.h"
#include "berth/error.h"
#include "pool/slot_ledger.h"

namespace berth::pool {

// The words of a slot file, shared by all processes that have it mapped. A file of zeros is a valid one in which
// nothing has happened.
struct SlotFileHeader {
  std::atomic<std::uint64_t> magic;
  std::atomic<std::uint64_t> catalog_id;
  std::atomic<std::uint64_t> next_ticket;
  std::atomic<std::uint64_t> cap;           // definition version << 32 | cap << 16 | slots that are for everybody
  std::atomic<std::uint64_t> refused;       // login version << 16 | refused logins
  std::atomic<std::int64_t> refused_since;  // wall clock, ns
  std::atomic<std::uint64_t> refused_sqlstate;
  std::atomic<std::int64_t> yielded_at;  // steady clock, ns
  std::atomic<std::int32_t> waiting;     // hint: tickets that stand in line; what a killed process left is taken back
  std::atomic<std::int32_t> forgotten;   // 1: its last user removes it
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// Of one slot. Written by its holder alone; what stands there while nobody has the slot's lock is its orphan's.
struct alignas(128) SlotRecord {
  std::atomic<SlotState> state;
  std::atomic<pid_t> pid;
  std::atomic<std::uint64_t> started;  // of the process: /proc/pid/stat, field 22
  std::atomic<uid_t> uid;
  std::atomic<std::int32_t> backend_pid;
  std::atomic<std::int32_t> cancel_key;
  std::atomic<std::int64_t> taken_at, since;                        // CLOCK_MONOTONIC, ns
  std::array<std::atomic<std::uint64_t>, kProgramMax / 8> program;  // UTF-8, zeros behind it
  std::atomic<std::int64_t> connection_id;                          // a group's slots are of several
};
static_assert(sizeof(SlotRecord) <= 128);

// Whose a ticket or a slot is: one connection of one process.
struct SlotParty {
  pid_t pid = 0;
  std::int64_t connection_id = 0;
  friend auto operator<=>(const SlotParty&, const SlotParty&) = default;
};
struct TicketRecord {
  std::atomic<std::int64_t> connection_id;
  std::atomic<pid_t> pid;
  SlotParty party() const { return {.pid = pid, .connection_id = connection_id}; }
};
inline constexpr std::size_t kTicketRecords = 1024;  // as many of the last tickets say whose they are

// One slot file: its mapping and its locks. A lock is a byte beyond the data, and belongs to the open file description:
// two SlotFiles exclude one another, also within a process. Nothing here blocks. Not safe from many threads but for the
// mapped words.
class SlotFile {
 public:
  // An empty path: a file in memory, which is nobody else's.
  static Result<std::unique_ptr<SlotFile>> Open(const std::string& path, mode_t mode, std::uint64_t catalog_id);
  SlotFile(const SlotFile&) = delete;
  SlotFile& operator=(const SlotFile&) = delete;
  ~SlotFile();  // removes the file if it is forgotten and nobody else has it open

  bool in_memory() const { return path_.empty(); }
  SlotFileHeader& header() const { return data_->header; }
  SlotRecord& record(std::size_t slot) const { return data_->records[slot]; }
  TicketRecord& ticket(std::uint64_t number) const { return data_->tickets[number % kTicketRecords]; }

  // What others hold is never given; what this file holds already is given again.
  bool LockSlot(std::size_t slot) const;
  void UnlockSlot(std::size_t slot) const;
  bool LockTicket(std::uint64_t ticket) const;
  void UnlockTicket(std::uint64_t ticket) const;
  bool OthersWaitBefore(std::uint64_t ticket) const;  // own tickets are not seen
  // Calls `visit` with each run of [from, to) that others hold, in no order; stops when it returns false.
  using Visit = std::function<bool(std::uint64_t from, std::uint64_t to)>;
  void VisitOthersSlots(std::size_t from, std::size_t to, const Visit& visit) const;
  void VisitOthersTickets(const Visit& visit) const;
  // A descriptor that outlives this object and execve(), and with it all locks that are held by then. Made once.
  Status Bequeath();

 private:
  struct Data {
    SlotFileHeader header;
    std::array<TicketRecord, kTicketRecords> tickets;
    std::array<SlotRecord, kSlotsMax> records;
  };
  struct Range {
    std::uint64_t from, to;
  };

  SlotFile(std::string path, int fd, Data* data) : path_(std::move(path)), fd_(fd), guard_(fd), data_(data) {}
  static Result<std::unique_ptr<SlotFile>> OpenLinked(const std::string& path, mode_t mode);
  bool SetLock(std::uint64_t at, short type) const;
  std::optional<Range> SomeLockOfOthers(Range range) const;
  bool VisitRange(Range range, const Visit& visit) const;

  const std::string path_;
  const int fd_;
  bool bequeathed_ = false;
  const base::ForkGuard guard_;
  const std::uint32_t epoch_ = base::ForkEpoch();
  Data* const data_;
};

// Opens or makes a file of `size` bytes (an empty path: one in memory), all of them there (a full disk is an error now
// and no signal later), and maps it. -1 in *fd is never left open on error.
struct MappedFile {
  int fd = -1;
  void* data = nullptr;
};
Result<MappedFile> MapFile(const std::string& path, mode_t mode, std::size_t size);

}  // namespace berth::pool
