#include "app/import.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "app/import_arguments.h"
#include "app/places.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "berth/engine.h"
#include "engine/maintenance.h"
#include "imports/airflow.h"
#include "imports/dbt_manifest.h"
#include "imports/dbt_profiles.h"
#include "imports/merge.h"
#include "imports/pg_service.h"
#include "imports/statements.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::app {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr std::chrono::milliseconds kWaitMax{60'000};                      // for the catalog's lock
constexpr std::string_view kNoChange = "Operation resulted in no change";  // the engine's fixed words

int Refuse(const Error& error, int status) {
  shell::Output err(STDERR_FILENO);
  err.Append(shell::ErrorText(error));
  return status;
}

// A file that may hold passwords; wiped when it dies.
struct FileText {
  std::string text;
  FileText() = default;
  FileText(FileText&&) = default;
  FileText& operator=(FileText&&) = default;
  ~FileText() { Wipe(text); }
};

Result<FileText> ReadInput(const std::string& path) {
  const auto refused = [&path](int reason) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot read {}: {}", path, std::generic_category().message(reason))};
  };
  const bool standard = path == "-";
  const base::UniqueFd fd(standard ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return refused(errno);
  FileText file;
  std::array<char, 65'536> buffer{};
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(errno);
    if (got == 0) return file;
    if (file.text.size() + static_cast<std::size_t>(got) > imports::kFileBytesMax) return refused(EFBIG);
    file.text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::optional<std::string> Variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): no thread sets any
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Only a pass file that was named has to be there.
Result<FileText> ReadPassFile(const ImportArguments& arguments) {
  if (!arguments.pass_file.empty()) return ReadInput(arguments.pass_file);
  const auto named = Variable("PGPASSFILE");
  auto file = ReadInput(named ? *named : Variable("HOME").value_or("") + "/.pgpass");
  return file.ok() ? std::move(file) : Result<FileText>(FileText());
}

Result<imports::Import> ReadImport(const ImportArguments& arguments, const std::string& text) {
  if (arguments.from == "airflow") return imports::FromAirflow(text);
  if (arguments.from == "dbt") return imports::FromDbtProfiles(text, Variable);
  if (arguments.from == "dbt-manifest") return imports::FromDbtManifest(text);
  BERTH_ASSIGN(const auto pass_file, ReadPassFile(arguments));
  return imports::FromPgService(text, pass_file.text);
}

std::vector<imports::Planned> PlanOf(const ImportArguments& arguments, const imports::Import& import) {
  if (arguments.from == "dbt-manifest") return imports::StatementsFor(import, arguments.connection);
  return imports::StatementsFor(import,
                                arguments.apply ? imports::Passwords::kSealed : imports::Passwords::kReferences);
}

// All of them or none; how many were new. What is there already is kept; a job is recorded anew.
Result<std::size_t> Apply(Engine& engine, std::vector<imports::Planned>& plan, shell::Output& err) {
  std::string origin;
  std::size_t kept = 0;
  bool quiet = false;  // whether a job was there before is nobody's concern
  const auto told = [&](const Notice& notice) {
    if (quiet) return;
    const bool unchanged = notice.message == kNoChange;
    if (unchanged) ++kept;
    err.Append(fmt::format("{}:  {}: {}\n", notice.severity, origin, unchanged ? notice.detail : notice.message));
  };
  BERTH_ASSIGN(const auto unit, engine::MaintenanceOf(engine).Begin(told, Deadline::After(Clock::System(), kWaitMax)));
  for (auto& planned : plan) {
    origin = planned.origin;
    if (auto* const create = std::get_if<parser::CreateConnection>(&planned.statement)) create->if_not_exists = true;
    if (const auto* const attach = std::get_if<parser::AttachJob>(&planned.statement)) {
      quiet = true;
      BERTH_TRY(unit->Execute(parser::DetachJob{.if_exists = true, .name = attach->name}));
      quiet = false;
    }
    auto done = unit->Execute(planned.statement);
    if (done.ok()) continue;
    auto error = std::move(done).TakeError();
    error.message = fmt::format("{}: {}", origin, error.message);
    error.span.reset();
    return error;
  }
  BERTH_TRY(unit->Commit());
  return plan.size() - std::min(kept, plan.size());
}

int Run(const ImportArguments& arguments) {
  const auto file = ReadInput(arguments.file);
  if (!file.ok()) return Refuse(file.error(), kUsage);
  auto import = ReadImport(arguments, file.value().text);
  if (!import.ok()) return Refuse(import.error(), kFailed);
  imports::Merge(import.value());
  auto plan = PlanOf(arguments, import.value());
  shell::Output out(STDOUT_FILENO);
  shell::Output err(STDERR_FILENO);
  if (!arguments.apply) {
    out.Append(imports::ScriptOf(plan, import.value().lost));
    return 0;
  }
  const auto engine = Engine::Open(EngineOptionsOf(arguments.catalog));
  if (!engine.ok()) return Refuse(engine.error(), kNoCatalog);
  const auto applied = Apply(*engine.value(), plan, err);
  if (!applied.ok()) return Refuse(applied.error(), kFailed);
  for (const auto& planned : plan) {
    if (!planned.variable.empty())
      err.Append(fmt::format("{}: its password is asked of the variable {}\n", planned.origin, planned.variable));
  }
  for (const auto& line : import.value().lost) err.Append(fmt::format("not carried: {}\n", line));
  out.Append(
      fmt::format("imported {} {}\n", applied.value(), arguments.from == "dbt-manifest" ? "jobs" : "connections"));
  return 0;
}

}  // namespace

int Import(int argc, const char* const* argv) {
  const auto arguments = ParseImportArguments(argc, argv);
  if (!arguments.ok()) return Refuse(arguments.error(), kUsage);
  if (!arguments.value().help) return Run(arguments.value());
  shell::Output out(STDOUT_FILENO);
  out.Append(ImportHelpText());
  return 0;
}

}  // namespace berth::app
