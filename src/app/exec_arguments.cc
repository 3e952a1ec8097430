#include "app/exec_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::app {
namespace {

constexpr const char* kHelp =
    R"(berth exec -C NAME [options] -- PROGRAM [ARGUMENT]...
Runs a program that opens sessions of its own, under the connection's cap.

  -C, --connection NAME   whose slots are taken
      --slots N           how many, all or none (default: 1)
      --wait TIME         how long to wait for them: 0, 30s, 10m (default: 10m)
      --catalog URL       as for berth

The program finds PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE,
PGSSLROOTCERT and AIRFLOW_CONN_<NAME> set. Its slots are free again when it and
all that it has started are gone. They are reserved for it; how many sessions it
opens is its own affair.
Exit status: the program's; 4 no slot came in time or no password was to be had,
3 the catalog could not be opened, 2 usage, 126 the program cannot be run, 127
it is not there.
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth exec --help says what there is."};
}

struct Raw {
  std::string slots;
  std::string wait;
};

Status Interpret(const Raw& raw, ExecArguments& out) {
  if (!raw.slots.empty()) {
    constexpr std::size_t kDigitsMax = 6;
    const bool number = raw.slots.size() <= kDigitsMax &&
                        std::all_of(raw.slots.begin(), raw.slots.end(), [](char c) { return c >= '0' && c <= '9'; });
    out.slots = number ? std::stoul(raw.slots) : 0;
    if (out.slots == 0) return Usage(fmt::format("--slots takes a number from 1 on, not \"{}\"", raw.slots));
  }
  if (!raw.wait.empty()) {
    const auto ms = base::ParseDurationMs(raw.wait);
    if (!ms || *ms < 0) {
      return Usage(fmt::format("--wait takes a time such as 0, 500ms, 30s or 10m, not \"{}\"", raw.wait));
    }
    out.wait = std::chrono::milliseconds(*ms);
  }
  return {};
}

}  // namespace

Result<ExecArguments> ParseExecArguments(int argc, const char* const* argv) {
  const auto* const end = argv + argc;
  const auto* const dashes = std::find(argv, end, std::string_view("--"));
  ExecArguments out;
  Raw raw;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  const auto once = [&](const char* names, std::string& target) {
    app.add_option(names, target)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  };
  once("-C,--connection", out.connection);
  once("--catalog", out.catalog);
  once("--slots", raw.slots);
  once("--wait", raw.wait);
  try {
    app.parse(static_cast<int>(dashes - argv) - 1, argv + 1);  // "exec" stands for the program's name
  } catch (const CLI::Error& error) {
    return Usage(fmt::format("{} (the program stands behind \"--\")", error.what()));
  }
  if (out.help) return out;
  BERTH_TRY(Interpret(raw, out));
  if (out.connection.empty()) return Usage("berth exec needs a connection: -C NAME");
  if (dashes == end || dashes + 1 == end) return Usage("berth exec needs a program, behind \"--\"");
  out.words.assign(dashes + 1, end);
  return out;
}

const char* ExecHelpText() {
  return kHelp;
}

}  // namespace berth::app
