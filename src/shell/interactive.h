#pragma once

#include <string>

#include "shell/console.h"

namespace berth::shell {

// The shell at a terminal, until \q or Ctrl-D. `history_file` keeps statements between shells. Returns the exit status.
int RunInteractive(Console& console, const std::string& history_file);

}  // namespace berth::shell
