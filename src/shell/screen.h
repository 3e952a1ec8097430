#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shell/output.h"
#include "shell/program.h"

namespace berth::shell {

struct Console;

// Standard output as a person sees it: a result that takes more lines than the screen has goes through the pager, a
// shorter one straight to the terminal. Holds back at most an Output's buffer. One result set; one thread.
class Screen final : public Output {
 public:
  // Null where standard output is no terminal.
  static std::unique_ptr<Screen> Make(Console& console, bool pager);
  ~Screen() override;

  // Writes what is left and waits for the pager's end.
  void Finish();

 private:
  Screen(Console& console, std::size_t lines, std::size_t columns, std::string pager);
  int WriteBytes(std::string_view bytes) override;
  bool FillsScreen(std::string_view bytes) const;

  Console& console_;
  const std::size_t lines_, columns_;
  std::string pager_;  // empty: none
  bool started_ = false;
  std::optional<Program> program_;
  std::optional<Output> to_program_;
};

}  // namespace berth::shell
