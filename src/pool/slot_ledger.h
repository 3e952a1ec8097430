#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "berth/error.h"

namespace berth::pool {

// The right to keep one session open. It rides on the session and is given back only once the server has closed the
// session's socket, so the cap bounds what the server counts, not leases.
class Slot {
 public:
  Slot() = default;
  explicit Slot(std::function<void()> give_back) : give_back_(std::move(give_back)) {}
  Slot(Slot&& other) noexcept : give_back_(std::exchange(other.give_back_, nullptr)) {}
  Slot& operator=(Slot&& other) noexcept {
    std::swap(give_back_, other.give_back_);
    return *this;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    if (give_back_) give_back_();
  }

 private:
  std::function<void()> give_back_;
};

// A wish for a slot, standing in line until it is destroyed; to be destroyed with no lock held that `wake` takes.
class Ticket {
 public:
  virtual ~Ticket() = default;
};

// Who hands out slots: this process alone, or all that share a catalog. A waiter takes whichever comes first, a free
// session or a slot, so there is no blocking call here: it tries, and if there is none leaves a ticket. Safe from many
// threads.
class SlotLedger {
 public:
  virtual ~SlotLedger() = default;
  // A slot of `connection_id` if fewer than `cap` are out and no one stands in line before `ticket` (may be null).
  virtual Result<std::optional<Slot>> TryTake(std::int64_t connection_id, std::size_t cap, const Ticket* ticket) = 0;
  // Stands in line; `wake` is called (from any thread, no lock of the ledger held) when TryTake may succeed for it.
  // Slots that came free before it stood there wake nobody: try once more with the ticket. A call that has begun may
  // end after the ticket is gone.
  virtual Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) = 0;
  // How many outside this process wait for a slot: holders of idle sessions yield while it is above 0.
  virtual std::size_t Pressure(std::int64_t connection_id) const = 0;
};

// One process: slots are counted in memory.
std::unique_ptr<SlotLedger> MakeLocalLedger();

}  // namespace berth::pool
