#include "app/migrate_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>
#include <string_view>

#include "base/strings.h"
#include "base/try.h"

namespace berth::app {
namespace {

using Command = MigrateArguments::Command;

constexpr const char* kHelp =
    R"(berth migrate: files V0001__name.sql (once, in order) and R__name.sql (again
when changed) hold statements on the catalog, SQL for a warehouse after USE
CONNECTION name;, or both.
  status                what is applied and what is not (-o FORMAT)
  plan [--to V]         what `up` would change and send; touches nothing
  up [--to V]           applies what is pending; safe to be killed and run again
     [--no-wait | --wait TIME]  where another runner is at it (default: 10m)
     [--timeout TIME]           for each statement (default: none)
  validate              are files and histories as they should be?
  repair [--assume applied|not-applied]
                        takes over changed texts, marks missing files as
                        deleted, settles what is in doubt; runs nothing
  diff                  the statements that bring the catalog to the files
  new [--repeatable] NAME   makes the next file

  --dir FOLDER          of the files (default: migrations)
  --catalog URL         as in `berth --help`
  --set NAME=VALUE      ${NAME} in files; otherwise the environment's
  --history-schema S    of the table berth_history in warehouses (public)
Exit status: 0 clean, 1 a statement failed, 2 usage, 3 no catalog, 4 no session,
5 something is pending, 6 drift: files and histories do not agree.
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth migrate --help says what there is."};
}

std::optional<Command> CommandNamed(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Command>, 7> kCommands = {{{"status", Command::kStatus},
                                                                                     {"plan", Command::kPlan},
                                                                                     {"up", Command::kUp},
                                                                                     {"validate", Command::kValidate},
                                                                                     {"repair", Command::kRepair},
                                                                                     {"diff", Command::kDiff},
                                                                                     {"new", Command::kNew}}};
  for (const auto& [word, command] : kCommands) {
    if (word == name) return command;
  }
  return std::nullopt;
}

// What CLI11 gathers, as text.
struct Raw {
  bool help = false, no_wait = false;
  std::string to, wait, timeout, assume, format = "table";
  std::vector<std::string> sets, words;
};

Result<std::chrono::milliseconds> Time(std::string_view option, const std::string& text) {
  const auto ms = base::ParseDurationMs(text);
  if (!ms || *ms <= 0)
    return Usage(fmt::format("{} takes a time above 0 such as 500ms, 30s or 10m, not \"{}\"", option, text));
  return std::chrono::milliseconds(*ms);
}

// An option that the command does not know is not ignored.
Status RefuseStray(const Raw& raw, const MigrateArguments& out) {
  const auto only = [&](bool given, std::string_view option, std::initializer_list<Command> commands) -> Status {
    for (const auto command : commands) {
      if (command == out.command) return {};
    }
    if (!given) return {};
    return Usage(fmt::format("{} is not an option of this command", option));
  };
  BERTH_TRY(only(!raw.to.empty(), "--to", {Command::kUp, Command::kPlan}));
  BERTH_TRY(only(raw.no_wait, "--no-wait", {Command::kUp, Command::kRepair}));
  BERTH_TRY(only(!raw.wait.empty(), "--wait", {Command::kUp, Command::kRepair}));
  BERTH_TRY(only(!raw.timeout.empty(), "--timeout", {Command::kUp}));
  BERTH_TRY(only(!raw.assume.empty(), "--assume", {Command::kRepair}));
  BERTH_TRY(only(raw.format != "table", "-o", {Command::kStatus}));
  BERTH_TRY(only(out.repeatable, "--repeatable", {Command::kNew}));
  return {};
}

Status Interpret(const Raw& raw, MigrateArguments& out) {
  if (raw.words.empty()) return Usage("berth migrate needs a command");
  const auto command = CommandNamed(raw.words[0]);
  if (!command) return Usage(fmt::format("\"{}\" is not a command of berth migrate", raw.words[0]));
  out.command = *command;
  BERTH_TRY(RefuseStray(raw, out));
  const std::size_t words = out.command == Command::kNew ? 2 : 1;
  if (raw.words.size() < words) return Usage("berth migrate new needs a name: berth migrate new 'add jobs'");
  if (raw.words.size() > words) return Usage(fmt::format("\"{}\" is too much", raw.words[words]));
  if (words == 2) out.name = raw.words[1];
  if (!raw.to.empty()) {
    out.to = migrations::Version::Parse(raw.to);
    if (!out.to) return Usage(fmt::format("--to takes a version such as 3 or 1.2, not \"{}\"", raw.to));
  }
  if (raw.no_wait && !raw.wait.empty()) return Usage("--wait and --no-wait exclude each other");
  out.wait = !raw.no_wait;
  if (!raw.wait.empty()) {
    BERTH_ASSIGN(out.wait_most, Time("--wait", raw.wait));
  }
  if (!raw.timeout.empty()) {
    BERTH_ASSIGN(out.statement_timeout, Time("--timeout", raw.timeout));
  }
  if (!raw.assume.empty()) {
    if (raw.assume != "applied" && raw.assume != "not-applied")
      return Usage(fmt::format("--assume takes applied or not-applied, not \"{}\"", raw.assume));
    out.assume = raw.assume == "applied" ? migrations::Assume::kApplied : migrations::Assume::kNotApplied;
  }
  const auto format = shell::OutputFormatNamed(raw.format);
  if (!format) return Usage(fmt::format("-o takes table, json, csv, tsv or plain, not \"{}\"", raw.format));
  out.format = *format;
  for (const auto& set : raw.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) return Usage("--set takes NAME=VALUE: the = is missing");
    out.variables.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  return {};
}

}  // namespace

Result<MigrateArguments> ParseMigrateArguments(int argc, const char* const* argv) {
  MigrateArguments out;
  Raw raw;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", raw.help);
  app.add_flag("--no-wait", raw.no_wait);
  app.add_flag("--repeatable", out.repeatable);
  const auto once = [&](const char* names, std::string& target) {
    app.add_option(names, target)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  };
  once("--dir", out.folder);
  once("--catalog", out.catalog);
  once("--history-schema", out.history_schema);
  once("--to", raw.to);
  once("--wait", raw.wait);
  once("--timeout", raw.timeout);
  once("--assume", raw.assume);
  once("-o,--output", raw.format);
  app.add_option("--set", raw.sets)
      ->allow_extra_args(false)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("words", raw.words);
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::Error& error) {
    return Usage(error.what());
  }
  if (raw.help) return out;
  BERTH_TRY(Interpret(raw, out));
  return out;
}

const char* MigrateHelpText() {
  return kHelp;
}

}  // namespace berth::app
