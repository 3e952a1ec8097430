#include "app/exec.h"

#include <errno.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/exec_arguments.h"
#include "app/places.h"
#include "base/try.h"
#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/secret.h"
#include "shell/error_text.h"
#include "shell/interrupts.h"
#include "shell/output.h"
#include "shell/password_prompt.h"
#include "shell/text_width.h"

namespace berth::app {
namespace {

constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr int kCannotRun = 126;  // both as shells have it
constexpr int kNotThere = 127;
constexpr std::string_view kDefaultPath = "/usr/bin:/bin";

int Refuse(const Error& error, int status) {
  shell::Output err(STDERR_FILENO);
  err.Append(shell::ErrorText(error));
  return status;
}

// 1 would be taken for the program's own: what is wrong with the request is usage.
int StatusOf(const Error& error) {
  if (error.code == ErrorCode::kCancelled) return shell::kInterruptedStatus;
  const int status = FactsOf(error.code).exit_status;
  return status == 1 ? kUsage : status;
}

// Where the program is, as execvp looks for it; found before the wait for slots, not behind it.
struct Program {
  std::string path;
  int status = 0;  // not 0: there is none that could be run, and what to exit with
};

Program FindProgram(const std::string& word) {
  Program found{.path = word, .status = kNotThere};
  const auto look = [&](std::string path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) return false;
    const bool runs = S_ISREG(facts.st_mode) && ::access(path.c_str(), X_OK) == 0;
    found = {.path = std::move(path), .status = runs ? 0 : kCannotRun};
    return runs;
  };
  if (word.find('/') != std::string::npos) {
    look(word);
    return found;
  }
  const std::string set = Environment("PATH");
  std::string_view path = set.empty() ? kDefaultPath : std::string_view(set);
  for (bool more = !word.empty(); more;) {
    const auto colon = path.find(':');
    const std::string folder(path.substr(0, colon));
    if (look((folder.empty() ? "." : folder) + "/" + word)) return found;
    more = colon != std::string_view::npos;
    if (more) path.remove_prefix(colon + 1);
  }
  return found;
}

Error CannotRun(const std::string& word, std::string why) {
  return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("cannot run {}: {}", word, std::move(why))};
}

// One line on the terminal, written over and over and gone at the end; nothing where standard error is none.
class WaitingLine {
 public:
  WaitingLine() = default;
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;
  ~WaitingLine() {
    if (shown_) Write("\r\x1b[K");
  }
  void Show(const std::string& text) {
    winsize size{};
    if (::isatty(STDERR_FILENO) != 1 || ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return;
    std::string line = shell::DisplayOneLine(text);
    const std::size_t columns = std::max<std::size_t>(size.ws_col, 20) - 1;
    while (shell::ShapeOf(line).width > columns) {
      do {
        line.pop_back();
      } while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U);
    }
    Write("\r\x1b[K" + line);
    shown_ = true;
  }

 private:
  static void Write(std::string_view text) {
    shell::Output err(STDERR_FILENO);
    err.Append(text);
  }
  bool shown_ = false;
};

// Ctrl-C at the prompt must bring the echo back; while it waits for slots it just ends the program. No other thread
// runs yet.
Result<Secret> AskPassword(std::string_view connection, std::string_view user) {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  auto password = [&]() -> Result<Secret> {
    shell::Interrupts interrupts;
    BERTH_ASSIGN(const auto watcher, shell::SignalWatcher::Start(interrupts, shell::SignalWatcher::Second::kExits));
    return shell::AskPassword(connection, user, interrupts);
  }();
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  return password;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The environment as it was when the program started: libpq's factory takes some variables out of it.
std::vector<std::string> Inherited() {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

// The slots are the program's when this returns, and nothing of Berth's is open any more.
Result<std::vector<std::string>> TakeSlots(Engine& engine, const ExecArguments& arguments,
                                           std::vector<std::string> inherited) {
  WaitingLine line;
  BERTH_ASSIGN(const auto reservation,
               engine.Reserve({.connection = arguments.connection,
                               .slots = arguments.slots,
                               .deadline = Deadline::After(Clock::System(), arguments.wait),
                               .waiting = [&line](const std::string& text) { line.Show(text); }}));
  const std::string_view word = arguments.words.front();
  return reservation->Bequeath(word.substr(word.rfind('/') + 1), std::move(inherited));
}

}  // namespace

int Exec(int argc, char** argv, const ProcessState& before) {
  auto inherited = Inherited();
  auto parsed = ParseExecArguments(argc, argv);
  if (!parsed.ok()) return Refuse(parsed.error(), kUsage);
  ExecArguments arguments = std::move(parsed).value();
  if (arguments.help) {
    shell::Output(STDOUT_FILENO).Append(ExecHelpText());
    return 0;
  }
  const Program program = FindProgram(arguments.words.front());
  if (program.status != 0) {
    return Refuse(
        CannotRun(program.path, program.status == kNotThere ? "there is no such program" : "it is no program"),
        program.status);
  }

  auto options = EngineOptionsOf(arguments.catalog);
  options.ask_password = AskPassword;
  auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) return Refuse(engine.error(), kNoCatalog);
  auto environment = TakeSlots(*engine.value(), arguments, std::move(inherited));
  if (!environment.ok()) return Refuse(environment.error(), StatusOf(environment.error()));
  std::move(engine).value().reset();  // closes the catalog and ends the threads; the slots stay

  auto words = Pointers(arguments.words);
  auto variables = Pointers(environment.value());
  Unprotect(before);
  ::execvpe(program.path.c_str(), words.data(), variables.data());
  const int code = errno;
  for (auto& variable : environment.value()) Wipe(variable);
  return Refuse(CannotRun(program.path, std::generic_category().message(code)),
                code == ENOENT ? kNotThere : kCannotRun);
}

}  // namespace berth::app
