#pragma once

#include <string>
#include <string_view>

#include "shell/console.h"

namespace berth::shell {

// Runs one backslash command: `text` from its backslash to the end of the line; variables are
// replaced here.
Verdict RunMetaCommand(Console& console, std::string_view text, const Place& place);

// Makes a connection the one in use by a name as a person types it: "Quoted" or as it is, bare names in any case (names
// never differ in case alone).
Status UseConnection(Conversation& conversation, std::string_view name);

}  // namespace berth::shell
