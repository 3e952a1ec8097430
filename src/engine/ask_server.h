#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "session/session.h"

namespace berth::engine {

// Sends `sql` and reads all that comes back; how many rows came.
Result<std::size_t> RunToEnd(session::Session& session, std::string_view sql, Parameters parameters, Deadline deadline);

// The number in the first field of the last row, of what a server need not tell. nullopt: it does not, or it is
// negative.
std::optional<std::int64_t> AskNumber(session::Session& session, std::string_view sql, Deadline deadline);

// Whether the warehouse has that table, view or external table.
Result<bool> TableIsThere(session::Session& session, const std::string& schema, const std::string& table,
                          Deadline deadline);

using TableInServer = std::pair<std::string, std::string>;  // schema, name
// All that TableIsThere() would find.
Result<std::set<TableInServer>> TablesInServer(session::Session& session, Deadline deadline);

}  // namespace berth::engine
