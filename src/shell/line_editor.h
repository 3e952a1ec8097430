#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shell/completion.h"
#include "shell/interrupts.h"

namespace berth::shell {

// Reads lines from the terminal with libedit: emacs or vi keys as ~/.editrc says, recall of whole statements, which may
// have several lines (Up and Down move within them first), Ctrl-R, Tab. What is pasted is put in as it is. One thread.
class LineEditor {
 public:
  enum class End : std::uint8_t {
    kLine,
    kEndOfInput,
    kInterrupted,
    kReopen,  // Up on the first line: the lines before it are to be edited as well
  };
  // What may stand where the text, which is this line up to the cursor, ends.
  using Completer = std::function<Completions(std::string_view)>;

  LineEditor(Interrupts& interrupts, const std::vector<std::string>& history);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  void SetCompleter(Completer completer);
  struct Request {
    std::string prompt;
    std::string initial;       // stands there already
    bool lines_above = false;  // there are some: Up on the first line is kReopen
  };
  // `line` is what was typed, with its newline; it may hold several lines.
  End Read(const Request& request, std::string& line);
  void Remember(const std::string& statement);
  bool touched() const;  // a key was pressed since Read began

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::shell
