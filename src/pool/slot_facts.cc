#include <fmt/core.h>
#include <unistd.h>

#include "base/process.h"
#include "pool/slot_line.h"

namespace berth::pool {
namespace {

constexpr unsigned kCountBits = 16;
constexpr std::uint64_t kCountMask = (1U << kCountBits) - 1;

std::string ProgramOf(const SlotRecord& record) {
  std::string text;
  for (const auto& word : record.program) {
    const std::uint64_t bytes = word.load(std::memory_order_relaxed);
    for (unsigned byte = 0; byte < 8; ++byte) text.push_back(static_cast<char>(bytes >> (8 * byte)));
  }
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

std::uint64_t Pack(std::string_view sqlstate) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < sqlstate.size() && i < 8; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(sqlstate[i])} << (8 * i);
  }
  return word;
}

std::string Unpack(std::uint64_t word) {
  std::string text;
  for (; word != 0; word >>= 8U) text.push_back(static_cast<char>(word & 0xFFU));
  return text;
}

}  // namespace

SlotHolder ThisProcess(std::string program) {
  program.resize(std::min(program.size(), kProgramMax));
  return {
      .pid = ::getpid(), .started = base::ProcessStart(::getpid()), .uid = ::geteuid(), .program = std::move(program)};
}

Status SlotHold::Bequeath(std::string_view program) {
  return Error{.code = ErrorCode::kNotSupported,
               .message = fmt::format(
                   "the slots of this catalog count in this process alone, and cannot be kept for {}", program),
               .hint = "Use a catalog in a file."};
}

std::string_view NameOf(SlotState state) {
  switch (state) {
    case SlotState::kFree:
      return "free";
    case SlotState::kOpening:
      return "opening";
    case SlotState::kIdle:
      return "idle";
    case SlotState::kBusy:
      return "busy";
    case SlotState::kClosing:
      return "closing";
    case SlotState::kReserved:
      return "reserved";
  }
  return "unknown";  // a newer version's
}

std::vector<SlotFacts> SlotLine::Facts() const {
  const Slots others = OthersSlots(0, kSlotsMax);
  const base::MutexLock lock(mutex_);
  const std::chrono::nanoseconds now(Clock::System().Now().time_since_epoch());
  std::vector<SlotFacts> all;
  for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
    const SlotRecord& record = file_->record(slot);
    const SlotState state = record.state;
    if (state == SlotState::kFree) continue;
    // The program that it was kept for is gone, with nobody to say so.
    if (state == SlotState::kReserved && !others[slot] && !own_[slot]) continue;
    all.push_back({.slot = slot,
                   .pid = record.pid,
                   .program = ProgramOf(record),
                   .uid = record.uid,
                   .state = state,
                   .age = now - std::chrono::nanoseconds(record.taken_at),
                   .in_state = now - std::chrono::nanoseconds(record.since),
                   .backend_pid = record.backend_pid,
                   .alive = others[slot] || own_[slot],
                   .own = own_[slot],
                   .connection_id = record.connection_id});
  }
  return all;
}

Refusals SlotLine::NoteRefused(std::int64_t login_version, const Refusals& last) const {
  SlotFileHeader& header = file_->header();
  const auto version = static_cast<std::uint64_t>(login_version);
  std::uint64_t seen = header.refused;
  std::uint64_t next = 0;
  do {
    const std::uint64_t count = seen >> kCountBits == version ? seen & kCountMask : 0;
    if (seen >> kCountBits > version) return last;  // another login is in force by now
    next = version << kCountBits | std::min(count + 1, kCountMask);
  } while (!header.refused.compare_exchange_weak(seen, next));
  if ((next & kCountMask) == 1) header.refused_since = std::chrono::nanoseconds(last.since.time_since_epoch()).count();
  header.refused_sqlstate = Pack(last.sqlstate);
  return Refused(login_version);
}

Refusals SlotLine::Refused(std::int64_t login_version) const {
  const SlotFileHeader& header = file_->header();
  const std::uint64_t seen = header.refused;
  if ((seen & kCountMask) == 0 || seen >> kCountBits != static_cast<std::uint64_t>(login_version)) return {};
  const std::chrono::nanoseconds since(header.refused_since);
  return {.count = static_cast<std::size_t>(seen & kCountMask),
          .since = Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(since)),
          .sqlstate = Unpack(header.refused_sqlstate)};
}

}  // namespace berth::pool
