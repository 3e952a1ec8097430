#pragma once

#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "engine/shared.h"
#include "pool/pool.h"
#include "session/session.h"

namespace berth::engine {

// From the record in the catalog to what a pool and a login need. Passwords that are references (ENV, FILE) are
// resolved at each login, by the process and thread that logs in; a literal is opened only then.
pool::PoolOptions PoolOptionsOf(const Shared& shared, const catalog::Connection& connection);

// Where a login goes and how, without the password; the user is the record's.
Result<session::ConnectParams> TargetParams(const Shared& shared, const catalog::Connection& connection);

// What one login needs. Errors: kUnauthenticated where the reference gives no password (which variable or file, and
// why), kNotFound if the connection is gone, the catalog's own.
Result<session::ConnectParams> LoginParams(const Shared& shared, std::int64_t connection_id, Deadline deadline);

// What the server is told of a session that serves a user of a service: his name first, because servers cut it.
Result<std::string> ServedApplicationName(const catalog::Connection& connection, std::string_view user);
// A PASSWORD_NEXT that the server has accepted in this process becomes the password, where that could not be recorded
// at the login. Errors: the catalog's.
Status SettleNext(const Shared& shared, std::int64_t connection_id, Deadline deadline);

}  // namespace berth::engine
