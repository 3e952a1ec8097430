#pragma once

#include <string>

#include "berth/error.h"

namespace berth::app {

struct KeepArguments {
  bool help = false;
  std::string command;  // "backup", "restore", "check" or "rekey"
  std::string folder;   // of backup and restore
  bool with_key = false;
  std::string catalog;
};

// argv[1] is the command. Errors: kInvalidArgument.
Result<KeepArguments> ParseKeepArguments(int argc, const char* const* argv);

const char* KeepHelpText();

}  // namespace berth::app
