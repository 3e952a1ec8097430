#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "engine/ask_server.h"
#include "engine/listing.h"
#include "session/session.h"

namespace berth::engine {

inline constexpr std::size_t kColumnsMax = 100'000;  // rows of system.information_schema.columns

// No rows: what system.information_schema.columns has.
Listing ServerColumns();
// Adds the columns of `tables` as the warehouse has them, under the connection's name. Errors: the server's;
// kLimitExceeded beyond kColumnsMax.
Status AddServerColumns(session::Session& session, const std::string& connection, const std::set<TableInServer>& tables,
                        Deadline deadline, Listing& listing);

}  // namespace berth::engine
