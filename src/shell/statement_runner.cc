#include "shell/statement_runner.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "parser/redact.h"
#include "shell/near_words.h"
#include "shell/screen.h"

namespace berth::shell {
namespace {

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
  Run(Console& console, std::string_view text, const Place& place, const Handling& handling)
      : console_(console), text_(text), place_(place), handling_(handling) {}

  Verdict Execute() {
    const auto& timeout = console_.settings.timeout;
    const auto deadline = timeout ? Deadline::After(console_.clock, *timeout) : Deadline::Never();
    const auto progress =
        Progress::Start(console_.clock, {.part_done = console_.part_done, .silent_since = console_.script_began});
    console_.progress = progress.get();
    const auto verdict = Send(deadline);
    console_.progress = nullptr;
    return verdict;
  }

  std::size_t rows() const { return rows_; }  // of the last result
  const Error* error() const { return error_ ? &*error_ : nullptr; }

 private:
  Verdict Send(Deadline deadline) {
    const Interrupts::Running running(console_.interrupts, console_.conversation);
    auto outcome = handling_.to_server ? console_.conversation.Pass(text_, handling_.parameters, deadline)
                                       : console_.conversation.Execute(text_, handling_.parameters, deadline);
    if (console_.progress != nullptr) console_.progress->Waiting("");
    if (!outcome.ok()) return Fail(outcome.error());
    return Results(*outcome.value());
  }

  Verdict Results(RowSource& rows) {
    const bool to_screen = handling_.formatter == nullptr && handling_.to == nullptr && !console_.diverted;
    std::unique_ptr<Screen> screen;
    if (to_screen && console_.interactive) screen = Screen::Make(console_, handling_.pager);
    out_ = handling_.to != nullptr ? handling_.to : screen ? screen.get() : &console_.results();
    // Rows that a person sees come by the screen, which stops the progress. Others may share the terminal with it.
    if (!screen && to_screen && console_.progress != nullptr && ScreenColumns()) console_.progress->Stop();
    Formatter* formatter = handling_.formatter;
    std::unique_ptr<Formatter> own;
    if (formatter == nullptr) {
      auto look = handling_.look.value_or(console_.settings.print);
      look.screen_columns = ScreenColumns().value_or(kColumnsUnlimited);
      own = MakeFormatter(look, *out_);
      formatter = own.get();
    }
    const auto verdict = AllResults(rows, *formatter);
    if (screen) screen->Finish();
    return verdict;
  }

  Verdict AllResults(RowSource& rows, Formatter& formatter) {
    while (true) {
      if (const auto verdict = OneResult(rows, formatter); verdict != Verdict::kOk) return verdict;
      if (Lost()) return Verdict::kOk;
      const auto more = rows.NextResult();
      if (!more.ok()) return Fail(more.error());
      if (!more.value()) return Verdict::kOk;
    }
  }

  Verdict OneResult(RowSource& rows, Formatter& formatter) {
    const bool has_rows = !rows.columns().empty();
    rows_ = 0;
    if (has_rows) formatter.Begin(rows.columns());
    while (true) {
      const auto row = rows.Next();
      if (!row.ok()) {
        if (has_rows) formatter.Abandon();
        return Fail(row.error());
      }
      if (!row.value()) break;
      formatter.Row(*row.value());
      ++rows_;
      if (console_.progress != nullptr) console_.progress->Rows(rows_);
      if (Lost()) return out_ == &console_.out ? console_.FlushResults() : Verdict::kOk;
      if (console_.interrupts.pending()) {  // what the server had already sent may still be long
        formatter.Abandon();
        return Fail(Interrupted());
      }
    }
    if (has_rows) {
      formatter.End();
      console_.gap = console_.settings.print.format != OutputFormat::kTable;  // a table ends with an empty line
    }
    if (!handling_.quiet && TellsTag(rows.tag(), has_rows)) {
      if (out_ != nullptr && out_ != &console_.out) out_->Flush();
      console_.Say(rows.tag().text + "\n");
    }
    if (rows.tag().rows) rows_ = static_cast<std::size_t>(*rows.tag().rows);
    return Verdict::kOk;
  }

  // Nobody takes the rows any more: the program behind \g, or the pager, has ended.
  bool Lost() const { return out_ != nullptr && out_->failed(); }

  Verdict Fail(const Error& error) {
    error_ = error;
    if (handling_.explain) handling_.explain(*error_);
    if (const auto near = NearStatement(text_, *error_); !near.empty()) {
      error_->hint = error_->hint.empty() ? near : near + "\n" + error_->hint;
    }
    if (out_ != nullptr && out_ != &console_.out) out_->Flush();
    return console_.Fail(*error_, text_, place_);
  }

  Console& console_;
  std::string_view text_;
  const Place& place_;
  const Handling& handling_;
  Output* out_ = nullptr;
  std::size_t rows_ = 0;
  std::optional<Error> error_;
};

void RememberOutcome(Variables& variables, const Run& run) {
  const Error* error = run.error();
  variables.Note("ERROR", error != nullptr ? "true" : "false");
  variables.Note("SQLSTATE", error != nullptr ? std::string(error->Sqlstate()) : "00000");
  variables.Note("ROW_COUNT", std::to_string(error != nullptr ? 0 : run.rows()));
  if (error == nullptr) return;
  variables.Note("LAST_ERROR_MESSAGE", error->message);
  variables.Note("LAST_ERROR_SQLSTATE", std::string(error->Sqlstate()));
}

}  // namespace

std::optional<std::size_t> ScreenColumns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return std::nullopt;
  return size.ws_col > 0 ? size.ws_col : 80;
}

void Collected::Begin(std::span<const Column> columns) {
  columns_.assign(columns.begin(), columns.end());
  rows_.clear();
  bytes_ = 0;
}

void Collected::Row(std::span<const Field> fields) {
  for (const auto& field : fields) bytes_ += sizeof(std::string) + (field ? field->size() : 0);
  overflowed_ = overflowed_ || bytes_ > kBytesMax;
  if (overflowed_) return;
  auto& row = rows_.emplace_back();
  for (const auto& field : fields) row.push_back(field ? std::optional<std::string>(*field) : std::nullopt);
}

Verdict RunStatement(Console& console, std::string_view text, const Place& place, const Handling& handling) {
  if (console.interrupts.pending()) return Verdict::kInterrupted;
  const auto state = console.conversation.state();
  const auto replaced = console.variables.Replace(text, state.backslash_escapes);
  if (!replaced.ok()) return console.Fail(replaced.error(), text, place);
  if (console.settings.echo && !handling.quiet) {
    if (std::exchange(console.gap, true)) console.out.Append('\n');
    console.out.Append(parser::Redact(replaced.value()).text);
    console.out.Append(";\n");
    if (const auto flushed = console.FlushResults(); flushed != Verdict::kOk) return flushed;
  }
  console.conversation.SetNoticeSink([&](const Notice& notice) { console.Tell(notice, place); });
  if (handling.input) console.conversation.SetClientData(handling.input);
  console.conversation.SetWaitingSink([&](const std::string& line) {
    if (console.progress != nullptr) console.progress->Waiting(line);
  });
  console.conversation.SetStepSink([&](std::size_t done, std::size_t all) {
    if (console.progress != nullptr && all > 1 && !console.part_done)
      console.progress->Part(static_cast<double>(done) / static_cast<double>(all));
  });
  const auto began = console.clock.Now();
  Run run(console, replaced.value(), place, handling);
  auto verdict = run.Execute();
  const auto elapsed = console.clock.Now() - began;
  console.conversation.SetNoticeSink({});
  console.conversation.SetWaitingSink({});
  console.conversation.SetStepSink({});
  if (handling.input) console.conversation.SetClientData({});
  if (!handling.quiet) RememberOutcome(console.variables, run);
  if (console.out.failed() || verdict == Verdict::kOk) {
    if (const auto flushed = console.FlushResults(); flushed != Verdict::kOk) verdict = flushed;
  }
  if (console.settings.timing && !handling.quiet && verdict != Verdict::kOutputGone) console.Say(TimeText(elapsed));
  if (console.interrupts.pending()) return Verdict::kInterrupted;
  return verdict;
}

}  // namespace berth::shell
