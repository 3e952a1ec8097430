#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "engine/listing.h"
#include "engine/shared.h"
#include "pool/cancellation.h"
#include "sqlite/select.h"

namespace berth::engine {

// SELECT .. FROM system.information_schema.x: one SELECT over what the catalog remembers and what runs now, in SQLite's
// SQL. It sees listings only, never a secret, and can change nothing.
struct SystemTable;
struct SystemSelect {
  std::string sql;                          // as SQLite takes it; all keeps its place
  std::vector<const SystemTable*> wanted;   // filled from the catalog and the pools
  bool sessions = false;                    // sessions is wanted as well: its rows are the servers'
  bool columns = false;                     // likewise columns
  std::vector<sqlite::MemoryTable> tables;  // filled already
};
// Which tables a text asks for. Errors: kNotFound (42P01) for one that is none, with its place; kLimitExceeded.
Result<SystemSelect> ReadSystemSelect(std::string_view text);
// Runs until the deadline. Errors: those of sqlite::SelectInMemory.
Result<Outcome> SelectSystem(SystemSelect select, Parameters parameters, CatalogScope& scope,
                             const pool::Cancellation* cancellation, Deadline deadline);
// What a SELECT is told that kSystemSelectTimeMax ended, in place of `error`.
Error SystemSelectTooLong(Error error);
sqlite::MemoryTable MemoryTableOf(std::string_view name, Listing listing);

inline constexpr std::size_t kSystemSelectBytesMax = 1u << 20;  // 1 MiB
// It runs in this process, on the caller's thread; what is asked of the servers for it counts.
inline constexpr std::chrono::seconds kSystemSelectTimeMax{30};

}  // namespace berth::engine
