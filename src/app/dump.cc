#include "app/dump.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>

#include "app/places.h"
#include "berth/engine.h"
#include "engine/dump.h"
#include "parser/redact.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::app {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr const char* kHelp =
    R"(berth dump [--catalog URL]
Writes the catalog as a script that makes it again: groups, connections, tables,
jobs, jobs that live elsewhere, pauses.

      --catalog URL   as for berth

Passwords that are sealed in the catalog are not in it: the script asks for
variables in their place, which its head names. `berth backup` copies them too.
Exit status: 0; 1 it failed; 2 usage; 3 the catalog could not be opened.
)";

int Refuse(const Error& error, int status) {
  shell::Output err(STDERR_FILENO);
  err.Append(shell::ErrorText(error));
  return status;
}

}  // namespace

int Dump(int argc, const char* const* argv) {
  bool help = false;
  std::string catalog;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", help);
  app.add_option("--catalog", catalog)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::Error& error) {
    return Refuse({.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("berth dump: {}", parser::Redact(error.what()).text),
                   .hint = "berth dump --help says what there is."},
                  kUsage);
  }
  shell::Output out(STDOUT_FILENO);
  if (help) {
    out.Append(kHelp);
    return 0;
  }
  const auto engine = Engine::Open(EngineOptionsOf(catalog));
  if (!engine.ok()) return Refuse(engine.error(), kNoCatalog);
  const auto dump = engine::DumpCatalog(*engine.value());
  if (!dump.ok()) return Refuse(dump.error(), kFailed);
  out.Append(dump.value().script);
  return 0;
}

}  // namespace berth::app
