#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/passwords.h"
#include "pool/pool_set.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth::engine {

class CatalogNews;
class KnownConnections;
struct Served;

// What all conversations of an engine have in common. Each part is safe from many threads.
struct Shared {
  const EngineOptions& options;
  const Clock& clock;
  catalog::Store& store;
  pool::PoolSet& pools;
  Passwords& passwords;
  pool::SlotLedger& ledger;
  CatalogNews& news;
  session::SessionFactory& factory;
  KnownConnections& known;
};

// How long a statement waits for the catalog's write lock when its caller set no sooner deadline.
inline constexpr std::chrono::milliseconds kCatalogWait{30'000};
Deadline CatalogDeadline(const Shared& shared, Deadline deadline);

// SET berth.<name>, one set a conversation.
struct Settings {
  bool strict_if_not_exists = false;
  std::chrono::milliseconds catalog_transaction_timeout{60'000};
};

// What a catalog statement works with: the unit of work it is part of, and where its words go.
struct CatalogScope {
  const Shared& shared;
  catalog::Transaction& transaction;
  const Settings& settings;
  const NoticeSink& notices;
  std::vector<std::function<void()>>& after_commit;  // runs only if the unit of work has committed
  const Served* served = nullptr;                    // whose statement it is; null: of the person at the program
};

void Tell(const NoticeSink& sink, std::string severity, std::string message, std::string detail = {},
          std::string hint = {});
// The fixed words for a statement that had nothing to do; `why` goes to DETAIL.
inline constexpr std::string_view kNoChange = "Operation resulted in no change";
void TellNoChange(const NoticeSink& sink, std::string why);

}  // namespace berth::engine
