#pragma once

#include "berth/deadline.h"
#include "session/pq_handle.h"

namespace berth::session {

// Ends the session and returns once the server has closed its end of the socket, or when `deadline` has passed.
void CloseAndWait(PqConn conn, const Clock& clock, Deadline deadline);

}  // namespace berth::session
