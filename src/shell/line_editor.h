#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shell/interrupts.h"

namespace berth::shell {

// Reads lines from the terminal with libedit: emacs or vi keys as ~/.editrc says, recall of whole statements, Ctrl-R.
// One thread.
class LineEditor {
 public:
  enum class End : std::uint8_t { kLine, kEndOfInput, kInterrupted };

  LineEditor(Interrupts& interrupts, const std::vector<std::string>& history);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  // `line` is what was typed, with its newline; it may hold several lines where a statement was recalled.
  End Read(const std::string& prompt, std::string& line);
  void Remember(const std::string& statement);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::shell
