#pragma once

#include <cstddef>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/listing.h"
#include "engine/shared.h"
#include "session/session.h"

namespace berth::engine {

// The server's own list of the sessions of one user: Berth's with their slot, all others as strangers.
struct ServerSessions {
  Listing listing;
  std::size_t strangers = 0;
};
// `same_user`: the connections of the catalog that log in to that server as the user of `connection`. `session` is
// idle, on `connection`, and may be asked.
Result<ServerSessions> ListServerSessions(const catalog::Connection& connection,
                                          const std::vector<catalog::Connection>& same_user, session::Session& session,
                                          const Shared& shared, Deadline deadline);
// SHOW SESSIONS OF CONNECTION. Tells the user's CONNECTION LIMIT as a notice, and the statement that would make the cap
// binding for strangers too.
Result<Outcome> ShowServerSessions(const catalog::Connection& connection,
                                   const std::vector<catalog::Connection>& same_user, session::Session& session,
                                   const Shared& shared, const NoticeSink& notices, Deadline deadline);
std::vector<Listing::ListedColumn> ServerSessionColumns();
inline constexpr std::size_t kSessionConnection = 2;  // the column; NULL: the session is not of one of `same_user`

inline constexpr std::size_t kServerSessionsMax = 10'000;  // rows of the server that are read

}  // namespace berth::engine
