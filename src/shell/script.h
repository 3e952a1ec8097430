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

// Runs one script statement by statement, in memory that does not grow beyond the longest statement. Stops at the first
// failure unless settings say otherwise; \q ends this script only.
Verdict RunScript(Console& console, const Script& script);

// Runs scripts one after the other. Returns the exit status.
int RunScripts(Console& console, const std::vector<Script>& scripts);

// \i: runs a file. Errors: kInvalidArgument where it cannot be opened, kLimitExceeded where files include each other
// deeper than kScriptsOpenMax.
Result<Verdict> RunFile(Console& console, const std::string& path);

inline constexpr std::size_t kScriptsOpenMax = 16;

}  // namespace berth::shell
