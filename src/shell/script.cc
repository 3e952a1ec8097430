#include "shell/script.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "base/unique_fd.h"
#include "parser/splitter.h"
#include "shell/meta_commands.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

// Hands a script to the splitter piece by piece.
class Feeder {
 public:
  Feeder(const Script& script, Console& console) : script_(script), console_(console) {}

  // nullopt: fed something, or said that there is no more; otherwise why it ended.
  std::optional<Verdict> Feed(parser::Splitter& splitter) {
    if (script_.fd < 0) {
      splitter.Feed(script_.text);
      return End(splitter);
    }
    std::array<pollfd, 2> wait{{{.fd = script_.fd, .events = POLLIN, .revents = 0},
                                {.fd = console_.interrupts.wake_fd(), .events = POLLIN, .revents = 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return Unreadable();
    if (console_.interrupts.pending()) return Verdict::kInterrupted;
    if (wait[0].revents == 0) return std::nullopt;
    const auto got = ::read(script_.fd, chunk_.data(), chunk_.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN ? std::nullopt : std::optional(Unreadable());
    if (got == 0) return End(splitter);
    splitter.Feed({chunk_.data(), static_cast<std::size_t>(got)});
    return std::nullopt;
  }
  bool ended() const { return ended_; }

 private:
  std::optional<Verdict> End(parser::Splitter& splitter) {
    ended_ = true;
    splitter.Finish();
    return std::nullopt;
  }
  Verdict Unreadable() {
    console_.Say(fmt::format("ERROR:  cannot read {}: {}\n", script_.name, std::generic_category().message(errno)));
    console_.exit_status = 1;
    return Verdict::kFailed;
  }

  const Script& script_;
  Console& console_;
  bool ended_ = false;
  std::array<char, kChunkBytes> chunk_;
};

Verdict RunPiece(Console& console, const parser::Piece& piece, const Place& place) {
  if (piece.kind == parser::Piece::Kind::kMetaCommand) return RunMetaCommand(console, piece.text, place);
  if (!console.runs()) return Verdict::kOk;
  console.Remember(piece);
  return RunStatement(console, piece.text, place);
}

// The splitter that commands take pending statements from, while a script runs.
class InputScope {
 public:
  InputScope(Console& console, parser::Splitter& splitter, const Script& script)
      : console_(console),
        before_(std::exchange(console.input, &splitter)),
        conditions_before_(std::exchange(console.conditions, &conditions_)),
        standard_input_before_(console.reads_standard_input) {
    console_.reads_standard_input = console_.reads_standard_input || script.fd == STDIN_FILENO;
    ++console_.scripts_open;
  }
  InputScope(const InputScope&) = delete;
  InputScope& operator=(const InputScope&) = delete;
  ~InputScope() {
    console_.input = before_;
    console_.conditions = conditions_before_;
    console_.reads_standard_input = standard_input_before_;
    --console_.scripts_open;
  }

 private:
  Console& console_;
  Conditions conditions_;
  parser::Splitter* before_;
  Conditions* conditions_before_;
  bool standard_input_before_;
};

// What the line of progress may tell of: nothing for a pipe or a -c, whose end nobody knows or need not know.
std::optional<std::size_t> SizeOf(const Script& script) {
  struct stat facts{};
  if (script.fd < 0 || ::fstat(script.fd, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size <= 0) return {};
  return static_cast<std::size_t>(facts.st_size);
}

class PartScope {
 public:
  // `known`: the script's size is. One in a script goes on with the other's time.
  PartScope(Console& console, bool known)
      : console_(console),
        before_(std::exchange(console.part_done, std::nullopt)),
        began_before_(console.script_began) {
    if (!known) {
      console_.script_began.reset();
    } else if (!console_.script_began) {
      console_.script_began = console_.clock.Now();
    }
  }
  PartScope(const PartScope&) = delete;
  PartScope& operator=(const PartScope&) = delete;
  ~PartScope() {
    console_.part_done = before_;
    console_.script_began = began_before_;
  }

 private:
  Console& console_;
  std::optional<double> before_;
  std::optional<Clock::Steady> began_before_;
};

Verdict FailUnended(Console& console, const Place& place) {
  return console.Fail(
      {.code = ErrorCode::kSyntax, .message = "the script ends within an \\if", .hint = "An \\endif is missing."}, "",
      place);
}

}  // namespace

Verdict RunScript(Console& console, const Script& script) {
  parser::Splitter splitter({.meta_commands = true});
  const InputScope scope(console, splitter, script);
  Feeder feeder(script, console);
  Place place{.source = script.name};
  const auto size = SizeOf(script);
  std::size_t done = 0;  // bytes of the statements so far
  const PartScope part(console, size.has_value());
  while (true) {
    splitter.SetBackslashEscapes(console.conversation.state().backslash_escapes);
    const auto piece = splitter.Next();
    if (!piece && feeder.ended()) return console.conditions->open() ? FailUnended(console, place) : Verdict::kOk;
    if (!piece) {
      if (const auto end = feeder.Feed(splitter)) return *end;
      continue;
    }
    place.line = piece->line;
    if (size) console.part_done = static_cast<double>(done) / static_cast<double>(*size);
    done += piece->text.size() + 1;
    const auto verdict = RunPiece(console, *piece, place);
    if (verdict == Verdict::kOk || (verdict == Verdict::kFailed && !console.settings.stop_on_error)) continue;
    return verdict;
  }
}

Result<Verdict> RunFile(Console& console, const std::string& path) {
  if (console.scripts_open >= kScriptsOpenMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("{} is not read: {} files include each other already (kScriptsOpenMax)", path,
                                        console.scripts_open)};
  }
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot open {}: {}", path, std::generic_category().message(errno))};
  }
  const auto verdict = RunScript(console, {.name = path, .text = "", .fd = fd.get()});
  return verdict == Verdict::kQuit ? Verdict::kOk : verdict;
}

int RunScripts(Console& console, const std::vector<Script>& scripts) {
  for (const auto& script : scripts) {
    const auto verdict = RunScript(console, script);
    if (verdict == Verdict::kInterrupted) return kInterruptedStatus;
    if (verdict == Verdict::kOutputGone) break;
    if (verdict == Verdict::kFailed && console.settings.stop_on_error) break;
  }
  return console.exit_status;
}

}  // namespace berth::shell
