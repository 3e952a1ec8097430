#include "engine/listing.h"

#include <pwd.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/try.h"
#include "catalog/utc.h"
#include "engine/memory_rows.h"

namespace berth::engine {
namespace {

std::string Ago(const Clock& clock, std::chrono::nanoseconds age) {
  return catalog::UtcText(clock.WallNow() - std::chrono::duration_cast<Clock::Wall::duration>(age));
}

}  // namespace

Outcome RowsOf(Listing listing) {
  std::vector<std::string_view> names;
  for (const auto& column : listing.columns) names.push_back(column.name);
  RowsBuilder rows(names);
  for (std::size_t i = 0; i < listing.columns.size(); ++i) rows.Kind(i, listing.columns[i].kind);
  for (auto& row : listing.rows) rows.Add(std::move(row));
  return rows.Build();
}

std::string UserName(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::string(entry.pw_name) : std::to_string(uid);
}

Result<Listing> PoolsListing(CatalogScope& scope) {
  constexpr auto kNumber = ValueKind::kInteger;
  Listing listing;
  listing.columns = {{"connection"},
                     {"state"},
                     {"max_concurrent_connections", kNumber},
                     {"in_use", kNumber},
                     {"idle", kNumber},
                     {"opening", kNumber},
                     {"closing", kNumber},
                     {"waiting", kNumber},
                     {"opened_total", kNumber},
                     {"broken_total", kNumber},
                     {"timeouts_total", kNumber},
                     {"refused_for_room_total", kNumber}};
  for (const auto& pool : scope.shared.pools.All()) {
    if (scope.served != nullptr) {
      BERTH_ASSIGN(const auto seen, scope.transaction.FindConnectionById(pool.connection_id));
      if (!seen) continue;
    }
    const auto& stats = pool.stats;
    listing.rows.push_back({pool.name,
                            pool.paused      ? "paused"
                            : pool.suspended ? "suspended"
                                             : "open",
                            std::to_string(pool.sessions_max), std::to_string(stats.leased), std::to_string(stats.idle),
                            std::to_string(stats.opening), std::to_string(stats.closing), std::to_string(stats.waiting),
                            std::to_string(stats.opened_total), std::to_string(stats.broken_total),
                            std::to_string(stats.timeouts_total), std::to_string(stats.no_room_total)});
  }
  return listing;
}

Listing SlotsListing(const Shared& shared, const std::vector<catalog::Connection>& connections) {
  constexpr auto kNumber = ValueKind::kInteger;
  Listing listing;
  listing.columns = {{"connection"},
                     {"slot", kNumber},
                     {"pid", kNumber},
                     {"program"},
                     {"unix_user"},
                     {"state"},
                     {"since"},
                     {"state_since"},
                     {"backend_pid", kNumber},
                     {"this_process", ValueKind::kBoolean}};
  for (const auto& connection : connections) {
    for (const auto& slot : shared.ledger.Slots(connection.id)) {
      listing.rows.push_back({connection.name, std::to_string(slot.slot), std::to_string(slot.pid), slot.program,
                              UserName(slot.uid), slot.alive ? std::string(NameOf(slot.state)) : "abandoned",
                              Ago(shared.clock, slot.age), Ago(shared.clock, slot.in_state),
                              slot.backend_pid == 0 ? std::nullopt : std::optional(std::to_string(slot.backend_pid)),
                              slot.own ? "t" : "f"});
    }
  }
  return listing;
}

}  // namespace berth::engine
