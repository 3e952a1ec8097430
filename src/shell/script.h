#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shell/console.h"

namespace berth::shell {

// One -c or -f, in the order given.
struct Script {
  std::string name;  // for messages; empty: a -c
  std::string text;  // of a -c
  int fd = -1;       // of a file or standard input; -1: `text` is all
};

// Runs scripts one after the other, statement by statement, in memory that does not grow beyond the longest statement.
// Stops at the first failure unless settings say otherwise; \q ends its own script only. Returns the exit status.
int RunScripts(Console& console, const std::vector<Script>& scripts);

}  // namespace berth::shell
