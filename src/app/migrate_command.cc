#include "app/migrate_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/migrate_report.h"
#include "app/places.h"
#include "base/try.h"
#include "migrations/new_file.h"
#include "migrations/plan.h"
#include "migrations/run_lock.h"
#include "migrations/survey.h"
#include "migrations/up.h"
#include "shell/error_text.h"
#include "shell/progress.h"
#include "shell/variables.h"

namespace berth::app {
namespace {

using Command = MigrateArguments::Command;
using migrations::FileState;

constexpr int kNoCatalog = 3;
constexpr int kPending = 5;
constexpr int kDrift = 6;
constexpr unsigned kEagerLooks = 1'000;  // what a server nearby takes for a short statement and its COMMIT

// One command at work.
class Migrate {
 public:
  // `bar`: what a terminal shows of the file that is at work.
  Migrate(const MigrateArguments& arguments, Engine& engine, migrations::Options options, shell::Output& out,
          shell::Output& err, std::unique_ptr<shell::Progress>& bar)
      : arguments_(arguments), project_(engine, Clock::System(), std::move(options)), out_(out), err_(err), bar_(bar) {}

  Result<int> Run() {
    switch (arguments_.command) {
      case Command::kStatus:
        return ShowStatus();
      case Command::kPlan:
        return ShowPlan();
      case Command::kUp:
        return Up();
      case Command::kValidate:
        return Validate();
      case Command::kRepair:
        return Repair();
      default:
        return Diff();
    }
  }

 private:
  bool Drifted(const std::vector<FileState>& states) {
    const auto text = DriftText(states);
    err_.Append(text);
    return !text.empty();
  }

  Result<int> ShowStatus() {
    BERTH_ASSIGN(const auto states, project_.Survey());
    WriteStatus(states, arguments_.format, out_);
    out_.Flush();
    if (Drifted(states)) return kDrift;
    return std::ranges::any_of(states, [](const FileState& state) { return IsToDo(state.word); }) ? kPending : 0;
  }

  Result<int> ShowPlan() {
    BERTH_ASSIGN(const auto states, project_.Survey());
    if (Drifted(states)) return kDrift;
    BERTH_ASSIGN(const auto plan, migrations::MakePlan(project_, states));
    out_.Append(PlanText(plan));
    return plan.empty() ? 0 : kPending;
  }

  Result<int> Validate() {
    BERTH_ASSIGN(const auto* const files, project_.Files());
    for (const auto& file : *files) {
      BERTH_ASSIGN(const auto* const parts, project_.PartsOf(file));
      static_cast<void>(parts);
    }
    BERTH_ASSIGN(const auto states, project_.Survey());
    if (Drifted(states)) return kDrift;
    BERTH_ASSIGN(const auto plan, migrations::MakePlan(project_, states));
    err_.Append(fmt::format("{} migration{} valid, {} to be applied\n", files->size(),
                            files->size() == 1 ? " is" : "s are", plan.size()));
    return 0;
  }

  Result<migrations::RunLock> Lock() {
    const auto& clock = Clock::System();
    constexpr std::string_view kScheme = "sqlite:";
    const auto path = project_.engine().CatalogName().substr(kScheme.size()) + ".migrate";
    const auto wait = arguments_.wait ? arguments_.wait_most : std::chrono::milliseconds(0);
    return migrations::RunLock::Take(path, clock, Deadline::After(clock, wait), [this](const std::string& holder) {
      if (!arguments_.wait) return;
      err_.Append(fmt::format("Waiting: migrations of this catalog are run by {}\n", holder));
      err_.Flush();
    });
  }

  Result<int> Up() {
    BERTH_ASSIGN(const bool done, project_.DoneByCatalog());
    if (done) {
      err_.Append("Nothing to apply, by the catalog's history (`berth migrate status` asks the warehouses as well)\n");
      return 0;
    }
    BERTH_ASSIGN(const auto lock, Lock());
    BERTH_ASSIGN(const auto states, project_.Survey());
    if (Drifted(states)) return kDrift;
    if (migrations::ToDo(project_, states).empty() && std::ranges::all_of(states, &FileState::recorded)) {
      err_.Append("Nothing to apply\n");
      return 0;
    }
    BERTH_ASSIGN(const auto report, Apply(states));
    if (report.recorded > 0)
      err_.Append(fmt::format("{} part(s) that were done before are recorded now\n", report.recorded));
    err_.Append(fmt::format("{} migration{} applied\n", report.applied.size(), report.applied.size() == 1 ? "" : "s"));
    return 0;
  }

  Result<migrations::UpReport> Apply(const std::vector<FileState>& states) {
    const auto all = static_cast<double>(migrations::ToDo(project_, states).size());
    double applied = 0;
    const migrations::UpProgress progress{
        .starts =
            [&](const migrations::File& file) {
              bar_ = shell::Progress::Start(
                  Clock::System(), {.part_done = applied / std::max(1.0, all), .what = file.script, .cancels = false});
            },
        .done =
            [&](const migrations::File& file, std::chrono::milliseconds took) {
              bar_.reset();
              ++applied;
              out_.Append(fmt::format("{} applied ({} ms)\n", file.script, took.count()));
              out_.Flush();
            }};
    auto report = migrations::Up(project_, states, progress);
    bar_.reset();
    return report;
  }

  Result<int> Repair() {
    BERTH_ASSIGN(const auto lock, Lock());
    BERTH_ASSIGN(const auto done, migrations::Repair(project_, arguments_.assume));
    for (const auto& line : done) out_.Append(line + "\n");
    if (done.empty()) err_.Append("Nothing to repair\n");
    BERTH_ASSIGN(const auto states, project_.Survey());
    return Drifted(states) ? kDrift : 0;
  }

  Result<int> Diff() {
    BERTH_ASSIGN(const auto statements, migrations::Diff(project_));
    for (const auto& statement : statements) out_.Append(statement + "\n");
    return statements.empty() ? 0 : kDrift;
  }

  const MigrateArguments& arguments_;
  migrations::Project project_;
  shell::Output& out_;
  shell::Output& err_;
  std::unique_ptr<shell::Progress>& bar_;
};

int Refuse(shell::Output& out, shell::Output& err, const Error& error, int status) {
  out.Flush();
  err.Append(shell::ErrorText(error));
  err.Flush();
  return status;
}

}  // namespace

int RunMigrate(const MigrateArguments& arguments, EngineOptions options, shell::Output& out, shell::Output& err) {
  if (arguments.command == Command::kNew) {
    const auto made = migrations::MakeNewFile(arguments.folder, arguments.name, arguments.repeatable);
    if (!made.ok()) return Refuse(out, err, made.error(), 1);
    out.Append(made.value() + "\n");
    return 0;
  }
  shell::Variables variables;
  for (const auto& [name, value] : arguments.variables) {
    if (auto set = variables.Set(name, value); !set.ok()) return Refuse(out, err, set.error(), 2);
  }
  variables.SetFallback([](const std::string& name) -> std::optional<std::string> {
    const auto value = Environment(name.c_str());
    return value.empty() ? std::nullopt : std::optional<std::string>(value);
  });
  options.program = "berth migrate";
  options.eager_looks = kEagerLooks;
  auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) return Refuse(out, err, engine.error(), kNoCatalog);
  std::unique_ptr<shell::Progress> bar;
  const NoticeSink notices = [&err, &bar](const Notice& notice) {
    if (bar) bar->Hide();
    err.Append(shell::NoticeText(notice, {}));
    err.Flush();
  };
  Migrate migrate(arguments, *engine.value(),
                  {.folder = arguments.folder,
                   .warehouse = {.schema = arguments.history_schema,
                                 .statement_timeout = arguments.statement_timeout,
                                 .lock_wait = arguments.wait_most,
                                 .notices = notices},
                   .replace = [&variables](std::string_view text) { return variables.ReplaceBraces(text); },
                   .to = arguments.to},
                  out, err, bar);
  const auto status = migrate.Run();
  if (!status.ok()) return Refuse(out, err, status.error(), FactsOf(status.error().code).exit_status);
  return status.value();
}

}  // namespace berth::app
