#pragma once

#include <string_view>

#include "berth/error.h"
#include "berth/secret.h"
#include "shell/interrupts.h"

namespace berth::shell {

inline constexpr std::size_t kTypedPasswordBytesMax = 1'024;  // as a literal's

// Asks for a password on the controlling terminal, whatever the standard streams are, without echo. Errors:
// kUnauthenticated (28000) where there is no terminal, kCancelled on Ctrl-C, kInvalidArgument for an empty or over-long
// one.
Result<Secret> AskPassword(std::string_view connection, std::string_view user, const Interrupts& interrupts);

}  // namespace berth::shell
