#pragma once

#include <string_view>

#include "shell/console.h"

namespace berth::shell {

// Runs one statement and writes its results as they come; errors, notices and tags go to standard error.
// `text` is as it was typed: variables are replaced here.
Verdict RunStatement(Console& console, std::string_view text, const Place& place);

}  // namespace berth::shell
