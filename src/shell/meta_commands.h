#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shell/console.h"

namespace berth::shell {

// Runs what stands on one line behind a backslash: one command, or several (`\x \dt`). `text` is from the first
// backslash to the end of the line; variables are replaced here.
Verdict RunMetaCommand(Console& console, std::string_view text, const Place& place);

// The names of all commands, with their backslashes.
std::vector<std::string_view> MetaCommandNames();

// Makes a connection the one in use by a name as a person types it: "Quoted" or as it is, bare names in any case (names
// never differ in case alone).
Status UseConnection(Conversation& conversation, std::string_view name);

}  // namespace berth::shell
