#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "berth/error.h"

namespace berth::shell {

// A program that the user named: a pager, an editor, what stands behind a '|'. It runs by /bin/sh in the terminal's
// foreground, with this program's output, and Ctrl-C reaches it as well.
class Program {
 public:
  enum class Input : std::uint8_t { kOurs, kPipe };

  // `more_environment`: NAME=VALUE, only for names that are not set. Errors: kInternal where it cannot be started.
  static Result<Program> Start(const std::string& command, Input input,
                               const std::vector<std::string>& more_environment = {});
  Program(Program&& other) noexcept;
  Program& operator=(Program&&) = delete;
  ~Program();  // closes its input and waits for it

  int input() const { return input_.get(); }  // the end to write to; -1: no pipe
  // Closes its input and waits for its end, for as long as it takes: it has the terminal, and whoever sits there can
  // end it. Its exit status; 128 + the signal that ended it.
  int Wait();

 private:
  Program(pid_t pid, base::UniqueFd input) : pid_(pid), input_(std::move(input)) {}

  pid_t pid_;  // -1: waited for
  base::UniqueFd input_;
};

}  // namespace berth::shell
