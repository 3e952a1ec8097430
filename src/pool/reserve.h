#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/slot_ledger.h"

namespace berth::pool {

struct ReserveOptions {
  std::string connection_name;  // for what is said
  SlotRequest slot;             // of which connection, under which cap; its ticket is not looked at
  std::size_t slots = 1;
  Deadline deadline;
  // Called at once and then every kReserveLook while it waits: how many are there, the place in line, who holds the
  // others. One line. Null: nobody wants to know.
  std::function<void(const std::string&)> waiting;
};

// All of them, or none and an error. Waits in the ledger's line as everybody does; whoever is at its front gathers what
// comes free and keeps it, so that two who want several each never wait for one another. Blocks until the deadline at
// most. Errors: kLimitExceeded at once where more are wanted than the cap allows, also where it is lowered meanwhile;
// kResourceExhausted (53300) at the deadline: names the limit, the numbers, the longest holders; the ledger's own.
Result<std::vector<Slot>> Reserve(SlotLedger& ledger, const Clock& clock, const ReserveOptions& options);

inline constexpr std::chrono::milliseconds kReserveLook{1'000};

}  // namespace berth::pool
