#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "berth/error.h"

namespace berth::shell {

// A program that the user named: a pager, an editor, what stands behind a '|'. It runs by /bin/sh in the terminal's
// foreground, and Ctrl-C reaches it as well.
class Program {
 public:
  enum class Pipe : std::uint8_t { kNone, kToInput, kFromOutput };  // the other two of its streams are ours

  // `more_environment`: NAME=VALUE, only for names that are not set. Errors: kInternal where it cannot be started.
  static Result<Program> Start(const std::string& command, Pipe pipe,
                               const std::vector<std::string>& more_environment = {});
  Program(Program&& other) noexcept;
  Program& operator=(Program&&) = delete;
  ~Program();  // closes the pipe and waits for it

  int pipe() const { return pipe_.get(); }  // our end; -1: there is none
  // Closes the pipe and waits for its end, for as long as it takes: it has the terminal, and whoever sits there can
  // end it. Its exit status; 128 + the signal that ended it.
  int Wait();

 private:
  Program(pid_t pid, base::UniqueFd pipe) : pid_(pid), pipe_(std::move(pipe)) {}

  pid_t pid_;  // -1: waited for
  base::UniqueFd pipe_;
};

}  // namespace berth::shell
