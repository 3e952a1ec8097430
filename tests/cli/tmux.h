#pragma once

#include <string>
#include <vector>

#include "child.h"

namespace berth::test {

// The program in a real terminal emulator: tmux with a server of its own, keys by send-keys, the screen by
// capture-pane.
class Tmux {
 public:
  struct Options {
    std::vector<std::string> arguments;
    TerminalKind kind = {80, "C.UTF-8"};  // of 24 lines
    std::vector<std::string> more_environment;
  };
  Tmux(const Home& home, const Options& options);
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;
  ~Tmux();

  void Type(const std::string& text) const;  // as it is
  void Key(const std::string& name) const;   // Enter, Tab, Up, C-c
  std::string Screen() const;                // what is to be seen, without blanks at the ends of lines
  // Waits until the screen holds the text; fails the test with the screen when it does not come.
  std::string Await(const std::string& text) const;
  void AwaitGone(const std::string& text) const;
  bool Ended() const;

 private:
  std::string Run(const std::vector<std::string>& arguments) const;
  std::string socket_;
};

}  // namespace berth::test
