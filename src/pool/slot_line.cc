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
constexpr unsigned kVersionShift = 2 * kCapBits;
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

void Record(SlotRecord& record, const SlotHolder& holder, std::int64_t connection_id) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  record.pid.store(holder.pid, kRelaxed);
  record.started.store(holder.started, kRelaxed);
  record.uid.store(holder.uid, kRelaxed);
  record.connection_id.store(connection_id, kRelaxed);
  RecordProgram(record, holder.program);
  const std::int64_t now = Now();
  record.taken_at.store(now, kRelaxed);
  record.since.store(now, kRelaxed);
}

}  // namespace

SlotShare ShareOf(const SlotRequest& request) {
  const std::size_t cap = std::clamp<std::size_t>(request.cap, 1, kSlotsMax);
  return {.connection_id = request.connection_id, .version = request.version, .cap = cap, .open = cap};
}

SlotShare ShareOf(std::int64_t connection_id, const GroupShare& group) {
  const std::size_t cap = std::clamp<std::size_t>(group.cap, 1, kSlotsMax);
  const std::size_t open = cap - std::min(cap, group.reserved_total);
  const std::size_t from = std::min(cap, open + group.reserved_before);
  return {.connection_id = connection_id,
          .version = group.version,
          .cap = cap,
          .open = open,
          .own_from = from,
          .own_to = std::min(cap, from + group.reserved)};
}

std::optional<TakenSlot> SlotLine::TryTake(const SlotShare& share, std::optional<std::uint64_t> ticket) {
  const base::MutexLock lock(mutex_);
  const InForce force = Learn(share);
  auto taken = Find(share.own_from, std::min(share.own_to, force.cap), force.cap);
  if (!taken && IsHead(ticket)) taken = Find(0, force.open, force.cap);
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
  Record(record, holder_, share.connection_id);
  record.state.store(SlotState::kOpening, std::memory_order_release);
  return taken;
}

bool SlotLine::MayTake(const SlotShare& share, std::optional<std::uint64_t> ticket) {
  const base::MutexLock lock(mutex_);
  const InForce force = Learn(share);
  if (!IsHead(ticket)) return false;
  return (own_ | OthersSlots(0, kSlotsMax)).count() < force.cap;
}

void SlotLine::GiveBack(std::size_t slot) {
  {
    const base::MutexLock lock(mutex_);
    Unlock(slot);
  }
  if (file_->header().waiting.load() > 0) bell_->Ring();
}

void SlotLine::GiveBackOneOf(std::int64_t connection_id) {
  {
    const base::MutexLock lock(mutex_);
    const InForce force = NowInForce();
    std::optional<std::size_t> found;
    for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
      if (!own_[slot] || !IsOf(slot, connection_id)) continue;
      if (!found || slot >= force.cap || !OnOwnRange(slot)) found = slot;
      if (slot >= force.cap) break;
    }
    if (!found) return;
    Unlock(*found);
  }
  if (file_->header().waiting.load() > 0) bell_->Ring();
}

bool SlotLine::OnOwnRange(std::size_t slot) const {
  const auto share = shares_.find(file_->record(slot).connection_id);
  return share != shares_.end() && slot >= share->second.own_from && slot < share->second.own_to;
}

void SlotLine::Unlock(std::size_t slot) {
  file_->record(slot).state.store(SlotState::kFree);
  file_->UnlockSlot(slot);
  own_.reset(slot);
}

Status SlotLine::Bequeath(std::size_t slot, std::string_view program) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(file_->Bequeath());
  RecordHeir(slot, program);
  return {};
}

Status SlotLine::BequeathAllOf(std::int64_t connection_id, std::string_view program) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(file_->Bequeath());
  for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
    if (own_[slot] && IsOf(slot, connection_id)) RecordHeir(slot, program);
  }
  return {};
}

void SlotLine::RecordHeir(std::size_t slot, std::string_view program) {
  SlotRecord& record = file_->record(slot);
  RecordProgram(record, program.substr(0, kProgramMax));
  record.backend_pid = 0;
  record.cancel_key = 0;
  record.since.store(Now(), std::memory_order_relaxed);
  record.state.store(SlotState::kReserved);
}

std::uint64_t SlotLine::Stand(std::int64_t connection_id, std::function<void()> wake) {
  std::uint64_t ticket = 0;
  {
    const base::MutexLock lock(mutex_);
    do {
      ticket = file_->header().next_ticket.fetch_add(1);
    } while (!file_->LockTicket(ticket));  // taken: the counter was set back (the file was replaced)
    file_->ticket(ticket).pid = holder_.pid;
    file_->ticket(ticket).connection_id = connection_id;
    tickets_.emplace(ticket, Place{.connection_id = connection_id,
                                   .wake = std::make_shared<const std::function<void()>>(std::move(wake))});
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

void SlotLine::Adopt(const SlotShare& share) {
  const base::MutexLock lock(mutex_);
  Learn(share);
}

// The newest definition that anybody has heard of counts.
SlotLine::InForce SlotLine::Learn(const SlotShare& share) {
  if (share.own_to > share.own_from) {
    shares_[share.connection_id] = share;
  } else {
    shares_.erase(share.connection_id);
  }
  const auto version = static_cast<std::uint64_t>(share.version);
  const std::uint64_t word = version << kVersionShift | std::uint64_t{share.cap} << kCapBits | share.open;
  auto& in_force = file_->header().cap;
  std::uint64_t seen = in_force;
  while (seen != word && seen >> kVersionShift <= version && !in_force.compare_exchange_weak(seen, word)) {
  }
  const InForce force = NowInForce();
  if ((own_ >> force.cap).any()) surplus_ = true;
  return force;
}

SlotLine::InForce SlotLine::NowInForce() const {
  const std::uint64_t word = file_->header().cap;
  return {.cap = static_cast<std::size_t>(word >> kCapBits & kCapMask),
          .open = static_cast<std::size_t>(word & kCapMask)};
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
std::optional<TakenSlot> SlotLine::Find(std::size_t from, std::size_t to, std::size_t cap) {
  if (from >= to) return std::nullopt;
  const bool draining = Draining(cap);
  if (draining && (own_ | OthersSlots(0, kSlotsMax)).count() >= cap) return std::nullopt;
  for (std::size_t slot = from; slot < to; ++slot) {
    if (own_[slot] || file_->record(slot).state.load(std::memory_order_relaxed) != SlotState::kFree) continue;
    if (Lock(slot, cap, draining)) return TakenSlot{.slot = slot};
  }
  const Slots held = own_ | OthersSlots(from, to);
  for (std::size_t slot = from; slot < to; ++slot) {
    if (!held[slot] && Lock(slot, cap, draining)) return TakenSlot{.slot = slot};
  }
  return std::nullopt;
}

// Two that look at the same time may both find room below a lowered cap, and a cap may be lowered in between: looked at
// again with the lock in hand.
bool SlotLine::Lock(std::size_t slot, std::size_t cap, bool draining) {
  if (!file_->LockSlot(slot)) return false;
  const bool room = NowInForce().cap >= cap && (!draining || (own_ | OthersSlots(0, kSlotsMax)).count() < cap);
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

LineView SlotLine::Look(std::int64_t connection_id) {
  const InForce force = NowInForce();
  LineView view{.cap = force.open};
  if (!hinted()) return view;
  std::set<SlotParty> waiting;
  file_->VisitOthersTickets([&](std::uint64_t from, std::uint64_t to) {
    for (; from < to && view.waiting < kTicketsCounted; ++from, ++view.waiting) {
      waiting.insert(file_->ticket(from).party());
    }
    return view.waiting < kTicketsCounted;
  });
  const SlotParty self{.pid = holder_.pid, .connection_id = connection_id};
  std::set<SlotParty> holding = {self};
  for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
    const SlotRecord& record = file_->record(slot);
    if (record.state.load(std::memory_order_relaxed) == SlotState::kFree) continue;
    holding.insert({.pid = record.pid, .connection_id = record.connection_id});
  }
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [number, place] : tickets_) {
      if (place.connection_id == connection_id) continue;
      waiting.insert({.pid = holder_.pid, .connection_id = place.connection_id});
      ++view.waiting;
    }
    for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
      view.held += own_[slot] && IsOf(slot, connection_id) && !OnOwnRange(slot) ? 1 : 0;
    }
  }
  for (const SlotParty& party : waiting) view.starving += holding.contains(party) ? 0 : 1;
  view.parties = holding.size() + view.starving;
  return view;
}

std::size_t SlotLine::SurplusOf(std::int64_t connection_id) const {
  if (!surplus_.load(std::memory_order_relaxed)) return 0;
  const base::MutexLock lock(mutex_);
  const std::size_t cap = NowInForce().cap;
  if ((own_ >> cap).none()) surplus_ = false;
  std::size_t count = 0;
  for (std::size_t slot = cap; slot < kSlotsMax; ++slot) {
    count += own_[slot] && IsOf(slot, connection_id) ? 1 : 0;
  }
  return count;
}

// A session that came while its connection's reserved slots were out sits on one that others may have as well.
void SlotLine::Settle() {
  bool moved = false;
  {
    const base::MutexLock lock(mutex_);
    if (shares_.empty()) return;
    const InForce force = NowInForce();
    for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
      if (own_[slot] && !OnOwnRange(slot)) moved = SettleOne(slot, force) || moved;
    }
  }
  if (moved) bell_->Ring();
}

bool SlotLine::SettleOne(std::size_t slot, InForce force) {
  const std::int64_t id = file_->record(slot).connection_id;
  const auto share = shares_.find(id);
  if (share == shares_.end()) return false;
  const auto to = Find(share->second.own_from, std::min(share->second.own_to, force.cap), force.cap);
  if (!to) return false;
  own_.set(to->slot);
  Record(file_->record(to->slot), holder_, id);
  file_->record(to->slot).state.store(SlotState::kBusy);
  Unlock(slot);
  return true;
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

// Whoever may find a slot now: the first in line, and those with a free one of their own.
std::vector<SlotLine::Wake> SlotLine::WhomToWake() {
  std::vector<Wake> all;
  const base::MutexLock lock(mutex_);
  if (tickets_.empty()) return all;
  ReviveHint();
  const InForce force = NowInForce();
  const Slots held = own_ | OthersSlots(0, kSlotsMax);
  const auto some_free = [&](std::size_t from, std::size_t to) {
    for (std::size_t slot = from; slot < std::min(to, force.cap); ++slot) {
      if (!held[slot]) return true;
    }
    return false;
  };
  for (const auto& [ticket, place] : tickets_) {
    const auto share = shares_.find(place.connection_id);
    const bool own_free = share != shares_.end() && some_free(share->second.own_from, share->second.own_to);
    const bool first = ticket == tickets_.begin()->first && IsHead(ticket);
    if (own_free || (first && some_free(0, force.open))) all.push_back(place.wake);
  }
  return all;
}

bool SlotLine::OthersWait(std::int64_t connection_id) {
  if (!hinted()) return false;
  bool found = false;
  file_->VisitOthersTickets([&](std::uint64_t, std::uint64_t) {
    found = true;
    return false;
  });
  if (!found) DropStaleHint();
  const base::MutexLock lock(mutex_);
  for (const auto& [number, place] : tickets_) found = found || place.connection_id != connection_id;
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
