#pragma once

#include <cstdint>
#include <string_view>

#include "berth/error.h"
#include "session/session.h"

namespace berth::session {

// What libpq said of a login that failed, as an error that a caller can act on. `text` is PQerrorMessage with
// PQERRORS_VERBOSE, which puts the server's SQLSTATE into it.
Error LoginError(const ConnectParams& params, std::string_view text);

// How far a login had come when its time was up.
enum class LoginPhase : std::uint8_t { kTcp, kTls, kLogin };
// `own_limit`: CONNECT_TIMEOUT it was, else the caller's deadline.
Error LoginTimeout(const ConnectParams& params, LoginPhase phase, bool own_limit);

// Somebody ended the login (Interrupt): kCancelled.
Error LoginStopped(const ConnectParams& params);

// Whether another address of the same host may do better: the server was not reached.
bool TryNextAddress(const Error& error);

}  // namespace berth::session
