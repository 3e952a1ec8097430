#pragma once

#include <string>
#include <string_view>

#include "session/session.h"

namespace berth::session {

// How many sessions the user may have open: the first value of its row. Goes along with the settings after a login.
// Empty where only superusers may ask.
std::string_view UserLimitText(const ServerInfo& server);

// What a session on PostgreSQL could have kept through a reset: temporary objects that a function made, cursors,
// advisory locks and the like; the first value says how many. Empty on Redshift, whose functions make none, and where
// the views are not there.
std::string_view LeftoversText(const ServerInfo& server);

// "; SET application_name TO .."
std::string NameText(std::string_view application_name, const ServerInfo& server);

// The settings of a session after its login and after each Reset, as one text of one round trip.
std::string StartupText(const ConnectParams& params, const ServerInfo& server);

}  // namespace berth::session
