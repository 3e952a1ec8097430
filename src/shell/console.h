#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "berth/engine.h"
#include "shell/error_text.h"
#include "shell/format.h"
#include "shell/interrupts.h"
#include "shell/output.h"
#include "shell/variables.h"

namespace berth::shell {

// What the arguments set and the meta commands change.
struct Settings {
  OutputFormat format = OutputFormat::kTable;
  Expanded expanded = Expanded::kOff;
  bool timing = false;
  bool echo = false;                                 // each statement, redacted, above its result
  bool stop_on_error = true;                         // scripts only
  std::optional<std::chrono::milliseconds> timeout;  // of one statement
};

// How one statement, meta command or script ended.
enum class Verdict : std::uint8_t {
  kOk,
  kFailed,
  kQuit,         // \q
  kInterrupted,  // Ctrl-C
  kOutputGone,   // nobody reads the results any more, or they cannot be written: nothing more can be done
};

// What everything in the shell works on. One thread.
struct Console {
  Conversation& conversation;
  std::string catalog_name;
  const Clock& clock;
  Interrupts& interrupts;
  Output& out;  // results
  Output& err;  // everything else
  Settings settings;
  Variables variables;
  int exit_status = 0;            // of the program, so far
  bool output_loss_said = false;  // once is enough

  // To `err`, after the results so far.
  void Say(std::string_view text);
  // Says the error and counts it in exit_status.
  Verdict Fail(const Error& error, std::string_view statement, const Place& place);
  // Writes out what is buffered; says why where that fails for another reason than a closed pipe.
  Verdict FlushResults();
};

}  // namespace berth::shell
