#pragma once

#include <string_view>

#include "berth/error.h"
#include "berth/rows.h"
#include "session/pq_handle.h"
#include "session/session.h"

namespace berth::session {

// The server's error in `result`; its position, counted in characters, becomes a span of `sql`.
Error ServerError(const PGresult* result, std::string_view sql);
// Whether the server ended the session with it.
bool IsFatal(const PGresult* result);

// `reason` is what libpq or the server said; `pid` of the backend that is gone.
Error LostError(std::string_view reason, bool in_doubt, const ServerInfo& server);

Notice NoticeOf(const PGresult* result);

}  // namespace berth::session
