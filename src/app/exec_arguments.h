#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "berth/error.h"

namespace berth::app {

struct ExecArguments {
  bool help = false;
  std::string connection;
  std::string catalog;
  std::size_t slots = 1;
  std::chrono::milliseconds wait{600'000};
  std::vector<std::string> words;  // the program and its arguments; not empty
};

// berth exec ..; argv[1] is "exec". Errors: kInvalidArgument.
Result<ExecArguments> ParseExecArguments(int argc, const char* const* argv);

const char* ExecHelpText();

}  // namespace berth::app
