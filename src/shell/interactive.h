#pragma once

#include <string>

#include "shell/console.h"

namespace berth::shell {

// The shell at a terminal, until \q, Ctrl-D or Ctrl-C twice. `history_file` keeps statements between shells;
// `start_file` (empty: none) is a script that runs first, if it is there. Returns the exit status.
int RunInteractive(Console& console, const std::string& history_file, const std::string& start_file);

}  // namespace berth::shell
