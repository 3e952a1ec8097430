#include "app/keep.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/keep_arguments.h"
#include "app/places.h"
#include "base/try.h"
#include "berth/engine.h"
#include "berth/keeping.h"
#include "shell/error_text.h"
#include "shell/interrupts.h"
#include "shell/output.h"
#include "shell/password_prompt.h"

namespace berth::app {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr std::array<std::string_view, 4> kCommands{"backup", "restore", "check", "rekey"};
constexpr std::chrono::milliseconds kWaitMax{600'000};  // for locks and warehouses

int Refuse(const Error& error, int status) {
  shell::Output err(STDERR_FILENO);
  err.Append(shell::ErrorText(error));
  return status;
}

void Say(std::string_view text) {
  shell::Output out(STDOUT_FILENO);
  out.Append(text);
}

Status BackUp(Engine& engine, const KeepArguments& arguments) {
  BERTH_ASSIGN(const auto report,
               engine.BackUp(std::filesystem::absolute(arguments.folder).string(), arguments.with_key));
  std::string key = "no password in it is sealed";
  if (!report.key.empty() && report.with_key) key = fmt::format("its key {} is with it", report.key);
  if (!report.key.empty() && !report.with_key)
    key = fmt::format("its passwords need key {}, which is not with it: keep a copy of the key file", report.key);
  Say(fmt::format("backed up {} connections, {} bytes, to {}; {}\n", report.connections, report.bytes, report.folder,
                  key));
  return {};
}

Status Rekey(Engine& engine) {
  BERTH_ASSIGN(const auto report, engine.ChangeKey());
  Say(fmt::format("{}{} passwords and secrets of access keys are sealed with key {}\n",
                  report.resumed ? "a change of the key was cut off and is complete now: " : "", report.passwords,
                  report.key));
  return {};
}

// 0, or kFailed where something is still wrong.
Result<int> Check(Engine& engine) {
  BERTH_ASSIGN(const auto report, engine.Check(Deadline::After(Clock::System(), kWaitMax)));
  std::string text;
  bool faults = false;
  for (const auto& finding : report.findings) {
    const bool mended = finding.kind == CheckFinding::Kind::kMended;
    faults = faults || !mended;
    text += fmt::format("{}: {}\n", mended ? "mended" : "FAULT", finding.what);
    if (!finding.hint.empty()) text += fmt::format("  {}\n", finding.hint);
  }
  text += fmt::format("{} connections, {} tables, {} jobs, {} edges, {} sealed secrets: {}\n", report.connections,
                      report.tables, report.jobs, report.edges, report.passwords, faults ? "NOT in order" : "in order");
  Say(text);
  return faults ? kFailed : 0;
}

// Opening makes a catalog where there is none, and says of it that all is well.
Status RequireCatalog(const std::string& uri) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!uri.starts_with(kScheme)) return {};  // to be refused by name
  const std::filesystem::path path = uri.substr(kScheme.size());
  std::error_code failure;
  const auto found = std::filesystem::status(path, failure);
  if (found.type() != std::filesystem::file_type::not_found) return {};
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("there is no catalog {}", path.string()),
               .hint = "--catalog or BERTH_CATALOG names another one; berth restore brings one back from a backup."};
}

int Restore(const EngineOptions& options, const KeepArguments& arguments) {
  const auto report = RestoreCatalog(options, std::filesystem::absolute(arguments.folder).string());
  if (!report.ok()) return Refuse(report.error(), kFailed);
  const auto& facts = report.value();
  Say(fmt::format("restored {} as it was at {} ({})\n", facts.catalog, facts.made_at, facts.made_by));
  if (!facts.key_there) {
    shell::Output err(STDERR_FILENO);
    err.Append(fmt::format(
        "WARNING:  its passwords are sealed with key {}, which is not in the key file\n"
        "HINT:  Put that key file beside the catalog, or name it with BERTH_KEY_FILE. If it is lost, set the passwords "
        "again.\n",
        facts.key));
  }
  return 0;
}

}  // namespace

bool IsKeepCommand(std::string_view word) {
  return std::find(kCommands.begin(), kCommands.end(), word) != kCommands.end();
}

int Keep(int argc, const char* const* argv) {
  const auto parsed = ParseKeepArguments(argc, argv);
  if (!parsed.ok()) return Refuse(parsed.error(), kUsage);
  const auto& arguments = parsed.value();
  if (arguments.help) {
    Say(KeepHelpText());
    return 0;
  }
  shell::Interrupts interrupts;
  const auto watcher = shell::SignalWatcher::Start(interrupts, shell::SignalWatcher::Second::kExits);
  if (!watcher.ok()) return Refuse(watcher.error(), kFailed);
  auto options = EngineOptionsOf(arguments.catalog);
  if (arguments.command == "restore") return Restore(options, arguments);
  if (const Status there = RequireCatalog(options.catalog_uri); !there.ok()) return Refuse(there.error(), kNoCatalog);
  options.ask_password = [&interrupts](std::string_view connection, std::string_view user) {
    return shell::AskPassword(connection, user, interrupts);
  };
  const auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) return Refuse(engine.error(), kNoCatalog);
  if (arguments.command == "check") {
    const auto status = Check(*engine.value());
    return status.ok() ? status.value() : Refuse(status.error(), kFailed);
  }
  const Status done = arguments.command == "backup" ? BackUp(*engine.value(), arguments) : Rekey(*engine.value());
  return done.ok() ? 0 : Refuse(done.error(), kFailed);
}

}  // namespace berth::app
