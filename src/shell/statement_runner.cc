#include "shell/statement_runner.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "parser/redact.h"

namespace berth::shell {
namespace {

constexpr std::size_t kColumnsUnknown = 80;

std::size_t ScreenColumns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kColumnsUnknown;
}

// "Time: 1234.567 ms (00:01.235)", as psql.
std::string TimeText(Clock::Steady::duration elapsed) {
  const double ms = std::chrono::duration<double, std::milli>(elapsed).count();
  if (ms < 1'000) return fmt::format("Time: {:.3f} ms\n", ms);
  const auto minutes = static_cast<long long>(ms / 60'000);
  const double seconds = ms / 1'000 - static_cast<double>(minutes) * 60;
  if (minutes < 60) return fmt::format("Time: {:.3f} ms ({:02}:{:06.3f})\n", ms, minutes, seconds);
  return fmt::format("Time: {:.3f} ms ({:02}:{:02}:{:06.3f})\n", ms, minutes / 60, minutes % 60, seconds);
}

// Rows speak for themselves; what a command without rows did, or how many an INSERT .. RETURNING touched, is said.
bool TellsTag(const CommandTag& tag, bool has_rows) {
  if (tag.text.empty()) return false;
  return !has_rows || tag.text.starts_with("INSERT") || tag.text.starts_with("UPDATE") ||
         tag.text.starts_with("DELETE") || tag.text.starts_with("MERGE");
}

Error Interrupted() {
  return Error{.code = ErrorCode::kCancelled, .message = "canceling statement due to user request"};
}

class Run {
 public:
  Run(Console& console, std::string_view text, const Place& place) : console_(console), text_(text), place_(place) {}

  Verdict Execute() {
    const auto& timeout = console_.settings.timeout;
    const auto deadline = timeout ? Deadline::After(console_.clock, *timeout) : Deadline::Never();
    const Interrupts::Running running(console_.interrupts, console_.conversation);
    auto outcome = console_.conversation.Execute(text_, {}, deadline);
    if (!outcome.ok()) return Fail(outcome.error());
    const auto formatter = MakeFormatter(
        {.format = console_.settings.format, .expanded = console_.settings.expanded, .screen_columns = ScreenColumns()},
        console_.out);
    RowSource& rows = *outcome.value();
    while (true) {
      if (const auto verdict = OneResult(rows, *formatter); verdict != Verdict::kOk) return verdict;
      const auto more = rows.NextResult();
      if (!more.ok()) return Fail(more.error());
      if (!more.value()) return Verdict::kOk;
    }
  }

 private:
  Verdict OneResult(RowSource& rows, Formatter& formatter) {
    const bool has_rows = !rows.columns().empty();
    if (has_rows) formatter.Begin(rows.columns());
    while (true) {
      const auto row = rows.Next();
      if (!row.ok()) {
        if (has_rows) formatter.Abandon();
        return Fail(row.error());
      }
      if (!row.value()) break;
      formatter.Row(*row.value());
      if (console_.out.failed()) return console_.FlushResults();
      if (console_.interrupts.pending()) {  // what the server had already sent may still be long
        formatter.Abandon();
        return Fail(Interrupted());
      }
    }
    if (has_rows) formatter.End();
    if (TellsTag(rows.tag(), has_rows)) console_.Say(rows.tag().text + "\n");
    return Verdict::kOk;
  }

  Verdict Fail(const Error& error) { return console_.Fail(error, text_, place_); }

  Console& console_;
  std::string_view text_;
  const Place& place_;
};

}  // namespace

Verdict RunStatement(Console& console, std::string_view text, const Place& place) {
  if (console.interrupts.pending()) return Verdict::kInterrupted;
  const auto replaced = console.variables.Replace(text);
  if (!replaced.ok()) return console.Fail(replaced.error(), text, place);
  if (console.settings.echo) {
    console.out.Append(parser::Redact(replaced.value()).text);
    console.out.Append(";\n");
    if (const auto flushed = console.FlushResults(); flushed != Verdict::kOk) return flushed;
  }
  console.conversation.SetNoticeSink([&](const Notice& notice) { console.Say(NoticeText(notice, place)); });
  const auto began = console.clock.Now();
  auto verdict = Run(console, replaced.value(), place).Execute();
  const auto elapsed = console.clock.Now() - began;
  console.conversation.SetNoticeSink({});
  if (console.out.failed() || verdict == Verdict::kOk) {
    if (const auto flushed = console.FlushResults(); flushed != Verdict::kOk) verdict = flushed;
  }
  if (console.settings.timing && verdict != Verdict::kOutputGone) console.Say(TimeText(elapsed));
  if (console.interrupts.pending()) return Verdict::kInterrupted;
  return verdict;
}

}  // namespace berth::shell
