#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "parser/redact.h"
#include "parser/scan.h"
#include "shell/meta_call.h"
#include "shell/program.h"
#include "shell/sql_texts.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

constexpr double kWatchSeconds = 2;
constexpr double kWatchSecondsMax = 86'400;
constexpr std::size_t kEditedBytesMax = 16u << 20;

// What stands before the command, or else what ran last; it is the last one from now on.
Result<std::string> TakeStatement(MetaCall& call) {
  auto& console = call.console;
  if (console.input != nullptr) {
    if (const auto piece = console.input->TakePending()) console.Remember(*piece);
  }
  if (base::Trim(console.last_statement).empty()) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{}: there is no statement to run", call.name),
                 .hint = "Write it before the command, without a semicolon."};
  }
  return console.last_statement;
}

// What is being typed, or else what ran last, with the semicolon that ended it.
std::string PendingOrLast(const Console& console) {
  if (console.input != nullptr && console.input->pending())
    return std::string(base::Trim(console.input->PendingText()));
  return console.last_statement + (console.last_ended ? ";" : "");
}

// Whether rows may come of it, by its first word.
bool IsQuery(std::string_view text) {
  parser::Scanner scanner(text, false);
  const auto first = scanner.Next();
  return first.IsSymbol('(') || first.IsWord("select") || first.IsWord("with") || first.IsWord("values") ||
         first.IsWord("table");
}

// The statement does its work in a subquery that gives no row: a prepared statement would say no more, and this works
// everywhere.
Verdict Describe(Console& console, const std::string& statement, const Place& place, Collected& columns) {
  const std::string text = fmt::format("SELECT * FROM ({}\n) AS described LIMIT 0", statement);
  return RunStatement(console, text, place, {.formatter = &columns, .to_server = true, .quiet = true});
}

struct Seconds {
  double value;
  std::string text;  // as "%g" prints it
};

Result<Seconds> WatchInterval(const MetaCall& call) {
  const auto given = call.Argument(0);
  if (!given) return Seconds{.value = kWatchSeconds, .text = "2"};
  double seconds = 0;
  const auto end = given->data() + given->size();
  const auto parsed = std::from_chars(given->data(), end, seconds);
  if (parsed.ec != std::errc() || parsed.ptr != end || !(seconds > 0) || seconds > kWatchSecondsMax) {
    return BadArgument("\\watch", *given, "SECONDS, above 0 and at most 86400");
  }
  return Seconds{.value = seconds, .text = fmt::format("{:g}", seconds)};
}

std::string TimeNow(const Clock& clock) {
  const std::time_t now = std::chrono::system_clock::to_time_t(clock.WallNow());
  tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, 128> text{};
  return {text.data(), ::strftime(text.data(), text.size(), "%c", &parts)};
}

// False: interrupted.
bool Wait(const Interrupts& interrupts, double seconds) {
  pollfd wake{.fd = interrupts.wake_fd(), .events = POLLIN, .revents = 0};
  ::poll(&wake, 1, static_cast<int>(seconds * 1'000));
  return !interrupts.pending();
}

std::string Editor() {
  for (const char* name : {"BERTH_EDITOR", "PSQL_EDITOR", "EDITOR", "VISUAL"}) {
    if (const char* set = ::secure_getenv(name); set != nullptr && *set != '\0') return set;
  }
  return "vi";
}

Error FileError(std::string_view what, const std::string& path) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(errno))};
}

Result<std::string> ReadText(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return FileError("read", path);
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (true) {
    const auto got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0) return FileError("read", path);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > kEditedBytesMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("{} is too long: at most {} bytes", path, kEditedBytesMax)};
    }
  }
}

// A file of its own, for the owner alone, gone when this dies: what is edited may hold a secret.
class EditedFile {
 public:
  explicit EditedFile(std::string_view text) {
    const char* folder = ::secure_getenv("TMPDIR");
    path_ = fmt::format("{}/berth.edit.XXXXXX.sql", folder != nullptr ? folder : "/tmp");
    const base::UniqueFd fd(::mkostemps(path_.data(), 4, O_CLOEXEC));
    made_ = static_cast<bool>(fd);
    if (!made_) return;
    Output file(fd.get());
    file.Append(text);
    file.Flush();
  }
  EditedFile(const EditedFile&) = delete;
  EditedFile& operator=(const EditedFile&) = delete;
  ~EditedFile() {
    if (made_) ::unlink(path_.c_str());
  }
  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

// (name=value ..): \pset's settings for this one result. How many arguments they are.
Result<std::size_t> TakeLook(const MetaCall& call, FormatOptions& look) {
  if (call.arguments.empty() || !call.arguments[0].starts_with('(')) return std::size_t(0);
  auto& print = call.console.settings.print;
  const auto before = print;
  std::size_t count = 0;
  Status set;
  for (bool more = true; more && set.ok(); ++count) {
    if (count == call.arguments.size()) {
      set = BadArgument(call.name, call.arguments[0], "(NAME=VALUE ..), with its closing parenthesis");
      break;
    }
    std::string_view option = call.arguments[count];
    if (count == 0) option.remove_prefix(1);
    more = !option.ends_with(')');
    if (!more) option.remove_suffix(1);
    if (option.empty()) continue;
    const auto equals = option.find('=');
    const auto value =
        equals == std::string_view::npos ? std::nullopt : std::optional(std::string(option.substr(equals + 1)));
    set = SetPrintSetting(call, option.substr(0, equals), value);
  }
  look = std::exchange(print, before);
  BERTH_TRY(std::move(set));
  return count;
}

}  // namespace

// \g [(NAME=VALUE ..)] [FILE or |PROGRAM], \gx the same in expanded form.
Result<Verdict> MetaGo(MetaCall& call) {
  auto& console = call.console;
  Handling handling{.look = console.settings.print};
  BERTH_ASSIGN(const auto options, TakeLook(call, *handling.look));
  if (call.arguments.size() > options + 1) {
    return BadArgument(call.name, call.arguments[options + 1], "[(NAME=VALUE ..)] [FILE] or |PROGRAM");
  }
  BERTH_ASSIGN(const auto statement, TakeStatement(call));
  if (call.name == "\\gx") handling.look->expanded = Expanded::kOn;
  if (call.arguments.size() == options) return RunStatement(console, statement, call.place, handling);
  BERTH_ASSIGN(const auto target, Diversion::Open(call.arguments[options]));
  handling.to = &target->output();
  const auto verdict = RunStatement(console, statement, call.place, handling);
  BERTH_TRY(target->Close());
  return verdict;
}

Result<Verdict> MetaGoSet(MetaCall& call) {
  auto& console = call.console;
  BERTH_ASSIGN(const auto statement, TakeStatement(call));
  Collected collected;
  const auto verdict = RunStatement(console, statement, call.place, {.formatter = &collected});
  if (verdict != Verdict::kOk) return verdict;
  if (collected.rows().size() != 1) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = collected.rows().empty() ? "no rows returned for \\gset" : "more than one row returned for \\gset"};
  }
  const std::string prefix = call.Argument(0).value_or("");
  for (std::size_t i = 0; i < collected.columns().size(); ++i) {
    const std::string name = prefix + collected.columns()[i].name;
    const auto& value = collected.rows()[0][i];
    if (value) {
      BERTH_TRY(console.variables.Set(name, *value));
    } else {
      console.variables.Unset(name);
    }
  }
  return Verdict::kOk;
}

Result<Verdict> MetaGoExecute(MetaCall& call) {
  auto& console = call.console;
  BERTH_ASSIGN(const auto statement, TakeStatement(call));
  Collected collected;
  auto verdict = RunStatement(console, statement, call.place, {.formatter = &collected});
  if (verdict != Verdict::kOk) return verdict;
  if (collected.overflowed()) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("\\gexec: nothing was run, the statements have more than {} bytes",
                                        Collected::kBytesMax)};
  }
  for (const auto& row : collected.rows()) {
    for (const auto& value : row) {
      if (!value) continue;
      const auto one = RunStatement(console, *value, call.place);
      if (one == Verdict::kFailed) verdict = Verdict::kFailed;
      if (one != Verdict::kOk && (one != Verdict::kFailed || console.settings.stop_on_error)) return one;
    }
  }
  return verdict;
}

Result<Verdict> MetaGoDescribe(MetaCall& call) {
  auto& console = call.console;
  BERTH_ASSIGN(const auto statement, TakeStatement(call));
  if (!IsQuery(statement)) {
    console.results().Append("The command has no result, or the result has no columns.\n");
    return console.FlushResults();
  }
  Collected described;
  if (const auto verdict = Describe(console, statement, call.place, described); verdict != Verdict::kOk) return verdict;
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& column : described.columns()) {
    Collected type;
    const Handling ask{.formatter = &type,
                       .to_server = true,
                       .quiet = true,
                       .parameters = {std::to_string(column.type_oid), std::to_string(column.type_modifier)}};
    const auto verdict = RunStatement(console, SqlText("type_name.sql"), call.place, ask);
    if (verdict != Verdict::kOk) return verdict;
    lines.emplace_back(column.name, type.rows().empty() ? "" : type.rows()[0][0].value_or(""));
  }
  auto look = console.settings.print;
  look.screen_columns = ScreenColumns().value_or(kColumnsUnlimited);
  const auto table = MakeFormatter(look, console.results());
  const std::array<Column, 2> columns{Column{.name = "Column"}, Column{.name = "Type"}};
  table->Begin(columns);
  for (const auto& [name, type] : lines) table->Row(std::array<Field, 2>{name, type});
  table->End();
  return console.FlushResults();
}

// Again and again until Ctrl-C, which is how it is meant to end.
Result<Verdict> MetaWatch(MetaCall& call) {
  auto& console = call.console;
  BERTH_ASSIGN(const auto interval, WatchInterval(call));
  BERTH_ASSIGN(const auto statement, TakeStatement(call));
  while (true) {
    Handling handling{.look = console.settings.print, .pager = false};
    handling.look->title =
        fmt::format("{}{}{} (every {}s)\n", console.settings.print.title,
                    console.settings.print.title.empty() ? "" : "\t", TimeNow(console.clock), interval.text);
    const auto verdict = RunStatement(console, statement, call.place, handling);
    const bool interrupted = verdict == Verdict::kInterrupted || console.interrupts.pending();
    const bool failed = !interrupted && verdict != Verdict::kOk;
    if (!failed && !interrupted && Wait(console.interrupts, interval.value)) continue;
    console.out.Append('\n');  // the terminal's ^C stands on a line of its own; psql does it always
    console.out.Flush();
    if (failed) return verdict;
    console.interrupts.Clear();
    return Verdict::kOk;
  }
}

Result<Verdict> MetaPrintBuffer(MetaCall& call) {
  auto& console = call.console;
  const auto text = PendingOrLast(console);
  console.results().Append(text.empty() ? "Query buffer is empty." : parser::Redact(text).text);
  console.results().Append('\n');
  return console.FlushResults();
}

Result<Verdict> MetaResetBuffer(MetaCall& call) {
  if (call.console.input != nullptr) call.console.input->DropPending();
  call.console.Say("Query buffer reset (cleared).\n");
  return Verdict::kOk;
}

Result<Verdict> MetaWriteBuffer(MetaCall& call) {
  auto& console = call.console;
  if (call.arguments.empty()) return BadArgument(call.name, "", "FILE or |PROGRAM");
  const auto text = PendingOrLast(console);
  if (parser::Redact(text).held_secret) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{}: the statement holds a secret and is not written", call.name),
                 .hint = "PASSWORD = ENV 'NAME', FILE 'path', COMMAND 'program' or PROMPT keeps it out of texts."};
  }
  BERTH_ASSIGN(const auto target, Diversion::Open(call.arguments[0]));
  target->output().Append(text);
  if (!text.empty()) target->output().Append('\n');
  BERTH_TRY(target->Close());
  return Verdict::kOk;
}

// \e [FILE]: what the editor leaves is gone on with as if it had been typed, so a semicolon at its end runs it.
Result<Verdict> MetaEdit(MetaCall& call) {
  auto& console = call.console;
  if (!console.interactive) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "\\e needs a person at a terminal"};
  }
  const auto edit = [&](const std::string& path) -> Status {
    BERTH_ASSIGN(auto program,
                 Program::Start(fmt::format("{} {}", Editor(), base::QuoteLiteral(path)), Program::Pipe::kNone));
    const int status = program.Wait();
    console.interrupts.Clear();
    if (status == 0) return {};
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("\\e: the editor ended with status {}; nothing was changed", status),
                 .hint = "BERTH_EDITOR, EDITOR or VISUAL names it."};
  };
  if (!call.arguments.empty()) {
    BERTH_TRY(edit(call.arguments[0]));
    BERTH_ASSIGN(console.typed, ReadText(call.arguments[0]));
    return Verdict::kOk;
  }
  const auto before = PendingOrLast(console);
  const EditedFile file(before + "\n");
  if (!file.made()) return FileError("make", file.path());
  BERTH_TRY(edit(file.path()));
  BERTH_ASSIGN(console.typed, ReadText(file.path()));
  return Verdict::kOk;
}

}  // namespace berth::shell
