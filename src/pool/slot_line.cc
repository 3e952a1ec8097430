#include "pool/slot_line.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/try.h"

namespace berth::pool {
namespace {

constexpr unsigned kCapBits = 16;
constexpr std::uint64_t kCapMask = (1U << kCapBits) - 1;
constexpr std::uint64_t kTicketsCounted = 1000;  // of a line; more are as good as these

std::int64_t Now() {
  return std::chrono::nanoseconds(Clock::System().Now().time_since_epoch()).count();
}

void RecordProgram(SlotRecord& record, std::string_view program) {
  for (std::size_t i = 0; i < record.program.size(); ++i) {
    std::uint64_t word = 0;
    for (std::size_t byte = 0; byte < 8 && i * 8 + byte < program.size(); ++byte) {
      word |= std::uint64_t{static_cast<unsigned char>(program[i * 8 + byte])} << (8 * byte);
    }
    record.program[i].store(word, std::memory_order_relaxed);
  }
}

void Record(SlotRecord& record, const SlotHolder& holder) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  record.pid.store(holder.pid, kRelaxed);
  record.started.store(holder.started, kRelaxed);
  record.uid.store(holder.uid, kRelaxed);
  RecordProgram(record, holder.program);
  const std::int64_t now = Now();
  record.taken_at.store(now, kRelaxed);
  record.since.store(now, kRelaxed);
}

}  // namespace

std::optional<TakenSlot> SlotLine::TryTake(const SlotRequest& request, std::optional<std::uint64_t> ticket) {
  const base::MutexLock lock(mutex_);
  const std::size_t cap = AdoptCap(request);
  if (!IsHead(ticket)) return std::nullopt;
  auto taken = Find(cap);
  if (!taken) return std::nullopt;
  own_.set(taken->slot);
  SlotRecord& record = file_->record(taken->slot);
  const SlotState left = record.state;  // by a killed process; a program's slot (kReserved) is always left so
  if (left != SlotState::kFree && left != SlotState::kReserved) {
    taken->orphan = SlotOrphan{.backend_pid = record.backend_pid, .cancel_key = record.cancel_key};
  } else {
    record.backend_pid = 0;
    record.cancel_key = 0;
  }
  Record(record, holder_);
  record.state.store(SlotState::kOpening, std::memory_order_release);
  return taken;
}

void SlotLine::GiveBack(std::size_t slot) {
  {
    const base::MutexLock lock(mutex_);
    file_->record(slot).state.store(SlotState::kFree);
    file_->UnlockSlot(slot);
    own_.reset(slot);
  }
  if (file_->header().waiting.load() > 0) bell_->Ring();
}

Status SlotLine::Bequeath(std::size_t slot, std::string_view program) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(file_->Bequeath());
  SlotRecord& record = file_->record(slot);
  RecordProgram(record, program.substr(0, kProgramMax));
  record.backend_pid = 0;
  record.cancel_key = 0;
  record.since.store(Now(), std::memory_order_relaxed);
  record.state.store(SlotState::kReserved);
  return {};
}

std::uint64_t SlotLine::Stand(std::function<void()> wake) {
  std::uint64_t ticket = 0;
  {
    const base::MutexLock lock(mutex_);
    do {
      ticket = file_->header().next_ticket.fetch_add(1);
    } while (!file_->LockTicket(ticket));  // taken: the counter was set back (the file was replaced)
    file_->ticket_pid(ticket) = holder_.pid;
    tickets_.emplace(ticket, std::make_shared<const std::function<void()>>(std::move(wake)));
    file_->header().waiting.fetch_add(1);
  }
  bell_->Ring();  // holders of idle sessions are to see it
  return ticket;
}

void SlotLine::Leave(std::uint64_t ticket) {
  {
    const base::MutexLock lock(mutex_);
    tickets_.erase(ticket);
    file_->UnlockTicket(ticket);
    auto& waiting = file_->header().waiting;
    std::int32_t seen = waiting;
    while (seen > 0 && !waiting.compare_exchange_weak(seen, seen - 1)) {
    }
  }
  if (file_->header().waiting.load() > 0) bell_->Ring();  // the next one is at the front now
}

std::size_t SlotLine::PlaceOf(std::uint64_t ticket) const {
  std::size_t before = 0;
  file_->VisitOthersTickets([&](std::uint64_t from, std::uint64_t to) {
    if (from < ticket) before += std::min(to, ticket) - from;
    return before < kTicketsCounted;
  });
  const base::MutexLock lock(mutex_);
  const auto own = std::distance(tickets_.begin(), tickets_.lower_bound(ticket));
  return before + static_cast<std::size_t>(own) + 1;
}

// The newest definition that anybody has heard of counts.
std::size_t SlotLine::AdoptCap(const SlotRequest& request) const {
  const auto version = static_cast<std::uint64_t>(request.version);
  const std::uint64_t word = version << kCapBits | std::clamp<std::uint64_t>(request.cap, 1, kSlotsMax);
  auto& in_force = file_->header().cap;
  std::uint64_t seen = in_force;
  while (seen != word && seen >> kCapBits <= version && !in_force.compare_exchange_weak(seen, word)) {
  }
  return CapInForce();
}

std::size_t SlotLine::CapInForce() const {
  return static_cast<std::size_t>(file_->header().cap.load() & kCapMask);
}

bool SlotLine::IsHead(std::optional<std::uint64_t> ticket) const {
  const std::uint64_t place = ticket ? *ticket : file_->header().next_ticket.load();
  if (!tickets_.empty() && tickets_.begin()->first < place) return false;
  return !file_->OthersWaitBefore(place);
}

bool SlotLine::Draining(std::size_t cap) const {
  bool above = cap < kSlotsMax && (own_ >> cap).any();
  if (!above) {
    file_->VisitOthersSlots(cap, kSlotsMax, [&](std::uint64_t, std::uint64_t) {
      above = true;
      return false;
    });
  }
  return above;
}

// First those that were given back; a slot of a killed process only if there is no other, because the server may still
// count its session.
std::optional<TakenSlot> SlotLine::Find(std::size_t cap) {
  const bool draining = Draining(cap);
  if (draining && (own_ | OthersSlots(0, kSlotsMax)).count() >= cap) return std::nullopt;
  for (std::size_t slot = 0; slot < cap; ++slot) {
    if (own_[slot] || file_->record(slot).state.load(std::memory_order_relaxed) != SlotState::kFree) continue;
    if (Lock(slot, cap, draining)) return TakenSlot{.slot = slot};
  }
  const Slots held = own_ | OthersSlots(0, cap);
  for (std::size_t slot = 0; slot < cap; ++slot) {
    if (!held[slot] && Lock(slot, cap, draining)) return TakenSlot{.slot = slot};
  }
  return std::nullopt;
}

// Two that look at the same time may both find room below a lowered cap, and a cap may be lowered in between: looked at
// again with the lock in hand.
bool SlotLine::Lock(std::size_t slot, std::size_t cap, bool draining) {
  if (!file_->LockSlot(slot)) return false;
  const bool room = CapInForce() >= cap && (!draining || (own_ | OthersSlots(0, kSlotsMax)).count() < cap);
  if (!room) file_->UnlockSlot(slot);
  return room;
}

SlotLine::Slots SlotLine::OthersSlots(std::size_t from, std::size_t to) const {
  Slots held;
  file_->VisitOthersSlots(from, to, [&](std::uint64_t first, std::uint64_t end) {
    for (; first < end; ++first) held.set(static_cast<std::size_t>(first));
    return true;
  });
  return held;
}

LineView SlotLine::Look() {
  LineView view{.cap = CapInForce()};
  if (!hinted()) return view;
  std::set<pid_t> waiting;
  file_->VisitOthersTickets([&](std::uint64_t from, std::uint64_t to) {
    for (; from < to && view.waiting < kTicketsCounted; ++from, ++view.waiting) {
      waiting.insert(file_->ticket_pid(from));
    }
    return view.waiting < kTicketsCounted;
  });
  std::set<pid_t> holding = {holder_.pid};
  for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
    const SlotRecord& record = file_->record(slot);
    if (record.state.load(std::memory_order_relaxed) != SlotState::kFree) holding.insert(record.pid);
  }
  for (const pid_t pid : waiting) view.starving += holding.contains(pid) ? 0 : 1;
  view.parties = holding.size() + view.starving;
  return view;
}

bool SlotLine::MayYield(std::chrono::nanoseconds interval) const {
  auto& yielded_at = file_->header().yielded_at;
  std::int64_t last = yielded_at;
  const std::int64_t now = Now();
  // A time that lies ahead is from before the machine was started anew.
  return (now < last || now - last >= interval.count()) && yielded_at.compare_exchange_strong(last, now);
}

bool SlotLine::InUse() const {
  const base::MutexLock lock(mutex_);
  return own_.any() || !tickets_.empty();
}

bool SlotLine::Standing() const {
  const base::MutexLock lock(mutex_);
  return !tickets_.empty();
}

SlotLine::Wake SlotLine::WhomToWake() {
  const base::MutexLock lock(mutex_);
  if (tickets_.empty()) return nullptr;
  ReviveHint();
  const auto& [ticket, wake] = *tickets_.begin();
  if (!IsHead(ticket)) return nullptr;
  const std::size_t cap = CapInForce();
  return (own_ | OthersSlots(0, cap)).count() < cap || Draining(cap) ? wake : nullptr;
}

bool SlotLine::OthersWait() {
  if (!hinted()) return false;
  bool found = false;
  file_->VisitOthersTickets([&](std::uint64_t, std::uint64_t) {
    found = true;
    return false;
  });
  if (!found) DropStaleHint();
  const base::MutexLock lock(mutex_);
  return found && own_.any();
}

// Others may have counted this process out together with a killed one.
void SlotLine::ReviveHint() const {
  if (file_->header().waiting.load() <= 0) file_->header().waiting.fetch_add(1);
}

void SlotLine::DropStaleHint() const {
  const base::MutexLock lock(mutex_);
  if (!tickets_.empty()) return;
  auto& waiting = file_->header().waiting;
  std::int32_t seen = waiting;
  if (seen > 0) waiting.compare_exchange_strong(seen, 0);  // who stands there after all revives it when he looks next
}

}  // namespace berth::pool
