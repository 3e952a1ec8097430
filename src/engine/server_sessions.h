#pragma once

#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/cancel_point.h"
#include "engine/shared.h"
#include "session/session.h"

namespace berth::engine {

// SHOW SESSIONS OF CONNECTION: the server's own list of the sessions of that connection's user, ours with their slot,
// all others as strangers. `same_user`: the connections of the catalog that log in as that user on that server. Tells
// the user's CONNECTION LIMIT, and the statement that would make the cap binding for strangers too, as a notice.
// `session` is idle and may be asked.
Result<Outcome> ServerSessions(const catalog::Connection& connection, const std::vector<catalog::Connection>& same_user,
                               session::Session& session, const Shared& shared, const NoticeSink& notices,
                               Deadline deadline);

inline constexpr std::size_t kServerSessionsMax = 10'000;  // rows of the server that are read

}  // namespace berth::engine
