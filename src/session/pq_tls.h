#pragma once

#include "session/pq_handle.h"
#include "session/probe.h"

namespace berth::session {

// What `conn` agreed on with the server, and the certificate that the server showed. Without TLS: all empty.
TlsFacts TlsFactsOf(PGconn* conn, const Clock& clock);

}  // namespace berth::session
