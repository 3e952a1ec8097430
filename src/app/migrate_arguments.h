#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "berth/error.h"
#include "migrations/repair.h"
#include "migrations/version.h"
#include "shell/format.h"

namespace berth::app {

struct MigrateArguments {
  enum class Command : std::uint8_t { kHelp, kStatus, kPlan, kUp, kValidate, kRepair, kDiff, kNew };
  Command command = Command::kHelp;
  std::string catalog;
  std::string folder = "migrations";
  std::string history_schema = "public";
  std::vector<std::pair<std::string, std::string>> variables;
  shell::OutputFormat format = shell::OutputFormat::kTable;    // status
  std::optional<migrations::Version> to;                       // up, plan
  bool wait = true;                                            // up, repair
  std::chrono::milliseconds wait_most{600'000};                // for another runner
  std::optional<std::chrono::milliseconds> statement_timeout;  // up
  std::optional<migrations::Assume> assume;                    // repair
  std::string name;                                            // new
  bool repeatable = false;                                     // new
};

// What stands after `berth migrate`; argv[1] is "migrate". Errors: kInvalidArgument.
Result<MigrateArguments> ParseMigrateArguments(int argc, const char* const* argv);

const char* MigrateHelpText();  // fits a screen of 24 lines of 80 columns

}  // namespace berth::app
