#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "berth/error.h"

namespace berth::app {

struct JobsArguments {
  bool help = false;
  std::string catalog;
  std::size_t runs = 4;  // at a time
  std::chrono::milliseconds drain{30'000};
};

// berth jobs run ..; argv[1] is "jobs". Errors: kInvalidArgument.
Result<JobsArguments> ParseJobsArguments(int argc, const char* const* argv);

const char* JobsHelpText();

}  // namespace berth::app
