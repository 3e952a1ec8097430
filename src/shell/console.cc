#include "shell/console.h"

#include <fmt/core.h>

#include <system_error>
#include <utility>

namespace berth::shell {

void Console::Say(std::string_view text) {
  out.Flush();
  err.Append(text);
  err.Flush();
}

Verdict Console::Fail(const Error& error, std::string_view statement, const Place& place) {
  Say(ErrorText(error, statement, place));
  // "Worth a retry" (4) is only true while nothing else went wrong.
  const int status = FactsOf(error.code).exit_status;
  if (exit_status == 0 || status == 1) exit_status = status;
  return Verdict::kFailed;
}

Verdict Console::FlushResults() {
  out.Flush();
  if (!out.failed()) return Verdict::kOk;
  if (!out.closed() && !std::exchange(output_loss_said, true)) {
    Say(fmt::format("ERROR:  the results could not be written: {}\n", std::generic_category().message(out.error())));
  }
  if (!out.closed()) exit_status = 1;
  return Verdict::kOutputGone;
}

}  // namespace berth::shell
