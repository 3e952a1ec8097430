#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"
#include "imports/found.h"

namespace berth::imports {

// libpq's pg_service.conf, each [service] a connection. `pass_file` is the text of a .pgpass (empty: there is none),
// asked where a service has no password of its own, as libpq does. Errors: kSyntax, with the line.
Result<Import> FromPgService(std::string_view text, std::string_view pass_file);

// The password of a .pgpass; an empty Secret: no line of it fits.
Secret PasswordIn(std::string_view pass_file, const FoundConnection& connection);

}  // namespace berth::imports
