#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::shell {

// "Did you mean SHOW CONNECTIONS?" for a text that was taken for the server's, which could not read it, where one of
// its first words is nearly one of Berth's or SQL's; empty: nothing is near.
std::string NearStatement(std::string_view text, const Error& error);

}  // namespace berth::shell
