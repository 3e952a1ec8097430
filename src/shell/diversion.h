#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "berth/error.h"
#include "shell/output.h"
#include "shell/program.h"

namespace berth::shell {

// Where results go instead of standard output: \o, \g and \copy's target. One thread.
class Diversion {
 public:
  // "FILE" (made anew) or "|PROGRAM". Errors: kInvalidArgument (which file, and why).
  static Result<std::unique_ptr<Diversion>> Open(std::string_view target);
  Diversion(const Diversion&) = delete;
  Diversion& operator=(const Diversion&) = delete;
  ~Diversion() = default;

  Output& output() { return *output_; }
  // Writes what is left and waits for the program. Errors: what could not be written, or the program's exit status. A
  // program that did not read to the end is no error.
  Status Close();

 private:
  Diversion() = default;

  std::string target_;
  std::optional<Program> program_;
  base::UniqueFd file_;
  std::unique_ptr<Output> output_;  // before the others are closed
};

}  // namespace berth::shell
