#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "berth/error.h"
#include "shell/error_text.h"
#include "shell/format.h"

namespace berth::app {

struct Arguments {
  struct Script {
    bool is_file = false;  // -f; else -c
    std::string value;     // the SQL, or the path; "-": standard input
  };
  bool help = false;
  bool version = false;
  std::vector<Script> scripts;  // as given
  std::string connection;
  std::string catalog;
  shell::OutputFormat format = shell::OutputFormat::kTable;
  shell::MessageForm error_format = shell::MessageForm::kText;
  std::optional<std::chrono::milliseconds> timeout;
  bool echo = false;
  bool no_start_file = false;  // ~/.berthrc
  std::optional<bool> stop_on_error;
  std::vector<std::pair<std::string, std::string>> variables;
};

// Errors: kInvalidArgument (the program's exit status is 2 then).
Result<Arguments> ParseArguments(int argc, const char* const* argv);

const char* HelpText();  // fits a screen of 24 lines of 80 columns

}  // namespace berth::app
