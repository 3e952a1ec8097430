#pragma once

#include <string>

#include "session/session.h"

namespace berth::session {

// The settings of a session after its login and after each Reset, as one text of one round trip.
std::string StartupText(const ConnectParams& params, const ServerInfo& server);

}  // namespace berth::session
