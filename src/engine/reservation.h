#pragma once

#include <chrono>
#include <memory>

#include "berth/engine.h"
#include "berth/error.h"
#include "engine/shared.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth::engine {

// What a reservation needs beyond what conversations do; all must outlive it.
struct ReserveScope {
  const Shared& shared;
  pool::SlotLedger& ledger;
  session::SessionFactory& factory;
};

// How long the password may take to be fetched; the request's deadline is for the slots.
inline constexpr std::chrono::milliseconds kPasswordWait{30'000};

// How long a login may take that finds out which of two passwords the server takes.
inline constexpr std::chrono::milliseconds kPasswordTrialWait{10'000};

// Engine::Reserve.
Result<std::unique_ptr<Reservation>> ReserveSlots(const ReserveScope& scope, const ReserveRequest& request);

}  // namespace berth::engine
