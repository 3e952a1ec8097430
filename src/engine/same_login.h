#pragma once

#include <vector>

#include "catalog/records.h"

namespace berth::engine {

// Whether both log in to the same server as the same user, whatever the database: the server counts their sessions
// together, and they have one password.
bool SameLogin(const catalog::Connection& a, const catalog::Connection& b);
// Those of `all` that log in as `connection` does, itself among them.
std::vector<catalog::Connection> SameUser(const std::vector<catalog::Connection>& all,
                                          const catalog::Connection& connection);

}  // namespace berth::engine
