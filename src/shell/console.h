#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "berth/engine.h"
#include "parser/splitter.h"
#include "shell/conditions.h"
#include "shell/diversion.h"
#include "shell/error_text.h"
#include "shell/format.h"
#include "shell/interrupts.h"
#include "shell/output.h"
#include "shell/progress.h"
#include "shell/variables.h"

namespace berth::shell {

// What the arguments set and the meta commands change.
struct Settings {
  FormatOptions print;
  Messages messages;
  bool timing = false;
  bool echo = false;                                 // each statement, redacted, above its result
  bool stop_on_error = true;                         // scripts only
  bool pager = true;                                 // interactive only: results longer than the screen go through it
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

// The error that \errverbose tells once more.
struct LastError {
  Error error;
  std::string statement;
  Place place;
};

// What everything in the shell works on. One thread.
struct Console {
  Conversation& conversation;
  std::string catalog_name;
  const Clock& clock;
  Interrupts& interrupts;
  Output& out;  // standard output
  Output& err;  // everything that is no result
  Settings settings;
  Variables variables;
  int exit_status = 0;            // of the program, so far
  bool output_loss_said = false;  // once is enough
  bool gap = false;               // an empty line is due before the next echo
  bool interactive = false;       // a person reads along
  std::string history_file;       // empty: none

  Engine* engine = nullptr;                   // for completion; null: none
  Progress* progress = nullptr;               // of the statement that runs; null: nothing is shown
  std::optional<double> part_done;            // of the script that runs, 0 to 1
  std::optional<Clock::Steady> script_began;  // of a script whose part is known
  std::unique_ptr<Diversion> diverted;        // \o
  parser::Splitter* input = nullptr;          // that the meta command stands in: \g and the like take what is before it
  Conditions* conditions = nullptr;           // of the same input: \if
  std::string last_statement;                 // \g without one before it runs this once more
  bool last_ended = false;                    // by a semicolon, which \p shows
  std::optional<LastError> last_error;        //
  std::optional<std::string> typed;           // \e: what to go on with as if it had been typed
  std::size_t scripts_open = 0;               // \i within \i
  bool reads_standard_input = false;          // a script that is open does: nothing else may

  // As the statement that ran last.
  void Remember(const parser::Piece& statement) {
    last_statement = statement.text;
    last_ended = statement.terminated;
  }
  // False: what stands now is in a branch of an \if that is not run.
  bool runs() const { return conditions == nullptr || conditions->active(); }
  // Where results go now: \o's target or standard output.
  Output& results() { return diverted ? diverted->output() : out; }
  // To `err`, after the results so far.
  void Say(std::string_view text);
  // Says the error and counts it in exit_status.
  Verdict Fail(const Error& error, std::string_view statement, const Place& place);
  void Tell(const Notice& notice, const Place& place);
  // Writes out what is buffered; says why where that fails for another reason than a closed pipe.
  Verdict FlushResults();
};

}  // namespace berth::shell
