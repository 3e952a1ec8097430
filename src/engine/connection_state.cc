#include "engine/connection_state.h"

#include "pool/login_gate.h"
#include "pool/pool.h"

namespace berth::engine {

bool IsPaused(const Shared& shared, const catalog::Connection& connection) {
  return connection.pause && !connection.pause->Over(shared.clock.WallNow());
}

bool IsSuspended(const Shared& shared, const catalog::Connection& connection) {
  if (shared.ledger.Refused(connection.id, connection.login_version).count >= pool::kRefusedMax) return true;
  const auto pool = shared.pools.Find(connection.id);
  return pool != nullptr && pool->Facts().suspended;
}

std::string_view ConnectionState(const Shared& shared, const catalog::Connection& connection) {
  if (IsPaused(shared, connection)) return "paused";
  return IsSuspended(shared, connection) ? "suspended" : "open";
}

}  // namespace berth::engine
