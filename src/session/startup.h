#pragma once

#include <string>
#include <string_view>

#include "session/session.h"

namespace berth::session {

// How many sessions the user may have open: the first value of its row. Goes along with the settings after a login.
// Empty where only superusers may ask.
std::string_view UserLimitText(const ServerInfo& server);

// The settings of a session after its login and after each Reset, as one text of one round trip.
std::string StartupText(const ConnectParams& params, const ServerInfo& server);

}  // namespace berth::session
