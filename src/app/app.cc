#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/arguments.h"
#include "app/doctor.h"
#include "app/dump.h"
#include "app/exec.h"
#include "app/hide_secrets.h"
#include "app/import.h"
#include "app/init.h"
#include "app/jobs_command.h"
#include "app/keep.h"
#include "app/migrate_arguments.h"
#include "app/migrate_command.h"
#include "app/places.h"
#include "app/protect.h"
#include "app/serve.h"
#include "app/version.h"
#include "shell/colour.h"
#include "shell/console.h"
#include "shell/interactive.h"
#include "shell/meta_commands.h"
#include "shell/password_prompt.h"
#include "shell/script.h"

namespace berth::app {
namespace {

constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;

// The scripts' descriptors; every file is opened before anything runs.
class OpenScripts {
 public:
  OpenScripts() = default;
  OpenScripts(const OpenScripts&) = delete;
  OpenScripts& operator=(const OpenScripts&) = delete;
  ~OpenScripts() {
    for (const auto& script : scripts_) {
      if (script.fd > STDERR_FILENO) ::close(script.fd);
    }
  }
  Status Open(const std::vector<Arguments::Script>& arguments) {
    for (const auto& argument : arguments) {
      if (!argument.is_file) {
        scripts_.push_back({.name = "", .text = argument.value, .fd = -1});
      } else if (argument.value == "-") {
        AddStandardInput();
      } else {
        const int fd = ::open(argument.value.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
          return Error{
              .code = ErrorCode::kInvalidArgument,
              .message = fmt::format("cannot open {}: {}", argument.value, std::generic_category().message(errno))};
        }
        scripts_.push_back({.name = argument.value, .text = "", .fd = fd});
      }
    }
    return {};
  }
  void AddStandardInput() { scripts_.push_back({.name = "<stdin>", .text = "", .fd = STDIN_FILENO}); }
  const std::vector<shell::Script>& scripts() const { return scripts_; }

 private:
  std::vector<shell::Script> scripts_;
};

shell::Messages MessagesOf(const Arguments& arguments) {
  return {.form = arguments.error_format, .colour = shell::WantsColour(STDERR_FILENO)};
}

shell::Settings SettingsOf(const Arguments& arguments, bool interactive) {
  return {.print = {.format = arguments.format},
          .messages = MessagesOf(arguments),
          .echo = arguments.echo,
          .stop_on_error = arguments.stop_on_error.value_or(!interactive),
          .timeout = arguments.timeout};
}

int Refuse(shell::Output& err, const Error& error, const shell::Messages& messages, int status) {
  err.Append(shell::ErrorText(error, messages));
  err.Flush();
  return status;
}

int Run(const Arguments& arguments, shell::Output& out, shell::Output& err) {
  const auto messages = MessagesOf(arguments);
  OpenScripts scripts;
  if (auto opened = scripts.Open(arguments.scripts); !opened.ok()) return Refuse(err, opened.error(), messages, kUsage);
  const bool interactive = arguments.scripts.empty() && ::isatty(STDIN_FILENO) == 1;
  if (arguments.scripts.empty() && !interactive) scripts.AddStandardInput();
  shell::Variables variables;
  for (const auto& [name, value] : arguments.variables) {
    if (auto set = variables.Set(name, value); !set.ok()) return Refuse(err, set.error(), messages, kUsage);
  }

  shell::Interrupts interrupts;
  const auto second = interactive ? shell::SignalWatcher::Second::kLeaves : shell::SignalWatcher::Second::kExits;
  const auto watcher = shell::SignalWatcher::Start(interrupts, second);
  if (!watcher.ok()) return Refuse(err, watcher.error(), messages, 1);

  auto options = EngineOptionsOf(arguments.catalog);
  options.ask_password = [&interrupts](std::string_view connection, std::string_view user) {
    return shell::AskPassword(connection, user, interrupts);
  };
  if (arguments.timeout) options.catalog_open_max = std::min(options.catalog_open_max, *arguments.timeout);
  auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) return Refuse(err, engine.error(), messages, kNoCatalog);
  const auto conversation = engine.value()->NewConversation();
  shell::Console console{.conversation = *conversation,
                         .catalog_name = engine.value()->CatalogName(),
                         .clock = Clock::System(),
                         .interrupts = interrupts,
                         .out = out,
                         .err = err,
                         .settings = SettingsOf(arguments, interactive),
                         .variables = std::move(variables),
                         .engine = engine.value().get()};
  const auto connection = arguments.connection.empty() ? Environment("BERTH_CONNECTION") : arguments.connection;
  if (!connection.empty()) {
    if (auto used = shell::UseConnection(*conversation, connection); !used.ok()) {
      console.Fail(used.error(), "", {});
      return console.exit_status;
    }
  }
  if (!interactive) return shell::RunScripts(console, scripts.scripts());
  return shell::RunInteractive(console, HistoryFile(), arguments.no_start_file ? std::string() : StartFile());
}

int Migrate(int argc, char** argv) {
  const auto arguments = ParseMigrateArguments(argc, argv);
  HideSecrets(argc, argv);
  shell::Output out(STDOUT_FILENO);
  shell::Output err(STDERR_FILENO);
  if (!arguments.ok()) return Refuse(err, arguments.error(), {}, kUsage);
  if (arguments.value().command == MigrateArguments::Command::kHelp) {
    out.Append(MigrateHelpText());
    return 0;
  }
  return RunMigrate(arguments.value(), EngineOptionsOf(arguments.value().catalog), out, err);
}

}  // namespace

int Main(int argc, char** argv) {
  const ProcessState before = Protect();
  const std::string_view command = argc > 1 ? std::string_view(argv[1]) : std::string_view();
  if (command == "exec") return Exec(argc, argv, before);
  if (command == "doctor") return Doctor(argc, argv);
  if (command == "init") return Init(argc, argv);
  if (command == "serve") return Serve(argv);
  if (command == "migrate") return Migrate(argc, argv);
  if (command == "jobs") return Jobs(argc, argv);
  if (command == "dump") return Dump(argc, argv);
  if (command == "import") return Import(argc, argv);
  if (IsKeepCommand(command)) return Keep(argc, argv);
  const auto arguments = ParseArguments(argc, argv);
  const bool secret_shown = HideSecrets(argc, argv);
  shell::Output out(STDOUT_FILENO);
  shell::Output err(STDERR_FILENO);
  if (!arguments.ok()) return Refuse(err, arguments.error(), {}, kUsage);
  if (arguments.value().help || arguments.value().version) {
    out.Append(arguments.value().help ? std::string(HelpText()) : fmt::format("berth {}\n", kVersion));
    return 0;
  }
  if (secret_shown) {
    err.Append(
        "WARNING:  a secret was given on the command line, where others can read it until the program has started\n"
        "HINT:  Write PASSWORD = ENV 'NAME', FILE 'path', COMMAND 'program' or PROMPT, or send the statement with -f "
        "-.\n");
    err.Flush();
  }
  return Run(arguments.value(), out, err);
}

}  // namespace berth::app
