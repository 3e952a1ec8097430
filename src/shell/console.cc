#include "shell/console.h"

#include <fmt/core.h>

#include <system_error>
#include <utility>

namespace berth::shell {

void Console::Say(std::string_view text) {
  if (progress != nullptr) progress->Hide();
  out.Flush();
  err.Append(text);
  err.Flush();
}

Verdict Console::Fail(const Error& error, std::string_view statement, const Place& place) {
  last_error = LastError{.error = error, .statement = std::string(statement), .place = place};
  Say(ErrorText(error, statement, place, settings.messages));
  // "Worth a retry" (4) is only true while nothing else went wrong.
  const int status = FactsOf(error.code).exit_status;
  if (exit_status == 0 || status == 1) exit_status = status;
  return Verdict::kFailed;
}

void Console::Tell(const Notice& notice, const Place& place) {
  Say(NoticeText(notice, place, settings.messages));
}

Verdict Console::FlushResults() {
  Output& to = results();
  to.Flush();
  if (!to.failed()) return Verdict::kOk;
  if (&to != &out) {  // \o's: the shell itself goes on, to standard output
    const auto lost = std::exchange(diverted, nullptr);
    const auto closed = lost->Close();
    return closed.ok() ? Verdict::kOk : Fail(closed.error(), "", {});
  }
  if (!out.closed() && !std::exchange(output_loss_said, true)) {
    Say(fmt::format("ERROR:  the results could not be written: {}\n", std::generic_category().message(out.error())));
  }
  if (!out.closed()) exit_status = 1;
  return Verdict::kOutputGone;
}

}  // namespace berth::shell
