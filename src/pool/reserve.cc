#include "pool/reserve.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "base/strings.h"
#include "base/try.h"
#include "pool/pool_texts.h"

namespace berth::pool {
namespace {

// Shared with the ledger, whose call may still be under way when the ticket is gone.
struct Bell {
  base::Mutex mutex;
  std::condition_variable rung;
  bool news BERTH_GUARDED_BY(mutex) = false;

  void Ring() {
    const base::MutexLock lock(mutex);
    news = true;
    rung.notify_one();
  }
  void Await(const Clock& clock, Clock::Steady until) {
    base::MutexLock lock(mutex);
    while (!news && clock.Now() < until) clock.WaitUntil(rung, lock.native(), until);
    news = false;
  }
};

Error TooManyError(const ReserveOptions& options, std::size_t cap) {
  return Error{.code = ErrorCode::kLimitExceeded,
               .message = fmt::format("connection \"{}\": {} slots are wanted, and there are {} "
                                      "(MAX_CONCURRENT_CONNECTIONS = {})",
                                      options.connection_name, options.slots, cap, cap),
               .hint = fmt::format("Take fewer, or raise the limit: ALTER REDSHIFT CONNECTION {} SET "
                                   "MAX_CONCURRENT_CONNECTIONS = {}.",
                                   base::QuoteIdentifier(options.connection_name), options.slots)};
}

// What a group leaves a connection: its own reserved slots and those for all.
std::size_t ShareOf(const GroupShare& group) {
  return group.cap - std::min(group.cap, group.reserved_total) + group.reserved;
}

Error GroupTooSmallError(const ReserveOptions& options) {
  const GroupShare& group = *options.slot.group;
  return Error{.code = ErrorCode::kLimitExceeded,
               .message = fmt::format("connection \"{}\": {} slots are wanted, and its group \"{}\" has {} for it "
                                      "(MAX_CONCURRENT_CONNECTIONS = {}, {} reserved for others)",
                                      options.connection_name, options.slots, group.name, ShareOf(group), group.cap,
                                      group.reserved_total - std::min(group.reserved_total, group.reserved)),
               .hint = "Take fewer, or raise the group's limit."};
}

class Reserver {
 public:
  Reserver(SlotLedger& ledger, const Clock& clock, const ReserveOptions& options)
      : ledger_(ledger), clock_(clock), options_(options), cap_(options.slot.cap) {}

  Result<std::vector<Slot>> Run() {
    if (options_.slots > cap_) return TooManyError(options_, cap_);
    if (options_.slot.group && options_.slots > ShareOf(*options_.slot.group)) return GroupTooSmallError(options_);
    const Clock::Steady start = clock_.Now();
    const auto bell = std::make_shared<Bell>();
    BERTH_ASSIGN(ticket_, ledger_.StandInLine(options_.slot.connection_id, [bell] { bell->Ring(); }));
    for (;;) {
      BERTH_TRY(Gather());
      if (taken_.size() == options_.slots) return std::move(taken_);
      const std::size_t cap = ledger_.LookAtLine(options_.slot.connection_id).cap;
      if (cap != 0) cap_ = cap;  // in force; 0: the ledger counts for this process alone
      if (options_.slots > cap_) return TooManyError(options_, cap_);
      const Clock::Steady now = clock_.Now();
      if (now >= options_.deadline.time()) return LateError(now - start);
      if (options_.waiting) options_.waiting(WaitingText());
      bell->Await(clock_, std::min(options_.deadline.time(), now + kReserveLook));
    }
  }

 private:
  Status Gather() {
    SlotRequest request = options_.slot;
    request.ticket = ticket_.get();
    while (taken_.size() < options_.slots) {
      BERTH_ASSIGN(auto slot, ledger_.TryTake(request));
      if (!slot) break;
      taken_.push_back(*std::move(slot));
    }
    return {};
  }

  // Who has what this one waits for: of the connection, or of its group where only that is short.
  struct Use {
    std::string counts, of_group, holders;
    bool group_is_short = false;
  };
  Use LookAtUse() const {
    const auto slots = ledger_.Slots(options_.slot.connection_id);
    const auto used = std::count_if(slots.begin(), slots.end(), [](const SlotFacts& slot) { return slot.alive; });
    Use use{.counts = fmt::format("{} of {} slots in use", used, cap_), .holders = SlotHoldersText(slots)};
    if (!options_.slot.group) return use;
    const auto group_slots = ledger_.SlotsOfGroup(options_.slot.group->group_id);
    use.of_group = GroupText(*options_.slot.group, group_slots);
    use.group_is_short = static_cast<std::size_t>(used) < cap_;
    if (use.group_is_short) use.holders = SlotHoldersText(group_slots);
    return use;
  }

  std::string WaitingText() const {
    const Use use = LookAtUse();
    std::string text =
        fmt::format("connection \"{}\": waiting, {} in line", options_.connection_name, OrdinalText(ticket_->place()));
    if (options_.slots > 1) text += fmt::format(", with {} of {} slots", taken_.size(), options_.slots);
    text += "; " + use.counts + use.of_group;
    if (!use.holders.empty()) text += "; " + use.holders;
    return text;
  }

  Error LateError(Clock::Steady::duration waited) const {
    const Use use = LookAtUse();
    const std::string what =
        options_.slots == 1 ? "no slot" : fmt::format("{} of {} slots", taken_.size(), options_.slots);
    return Error{.code = ErrorCode::kResourceExhausted,
                 .message = fmt::format("connection \"{}\": {} within {}; {} (MAX_CONCURRENT_CONNECTIONS = {}){}, you "
                                        "were {} in line",
                                        options_.connection_name, what, SpanText(waited), use.counts, cap_,
                                        use.of_group, OrdinalText(ticket_->place())),
                 .detail = use.holders,
                 .hint = fmt::format("Wait longer, take fewer, or {}.",
                                     use.group_is_short ? RaiseGroupHint(*options_.slot.group) : "raise the limit")};
  }

  SlotLedger& ledger_;
  const Clock& clock_;
  const ReserveOptions& options_;
  std::size_t cap_;
  std::unique_ptr<Ticket> ticket_;
  std::vector<Slot> taken_;
};

}  // namespace

Result<std::vector<Slot>> Reserve(SlotLedger& ledger, const Clock& clock, const ReserveOptions& options) {
  return Reserver(ledger, clock, options).Run();
}

}  // namespace berth::pool
