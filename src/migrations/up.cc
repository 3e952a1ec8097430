#include "migrations/up.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/try.h"
#include "engine/maintenance.h"
#include "migrations/rehearsal.h"
#include "migrations/rows.h"

namespace berth::migrations {
namespace {

using catalog::MigrationRow;
using engine::CatalogUnit;

// Applies files one after the other. Rows of parts that warehouses have done are gathered and go into the catalog with
// its next commit: the warehouse's own history is the truth until then.
class Runner {
 public:
  Runner(Project& project, const UpProgress& progress) : project_(project), progress_(progress) {}

  // `next` is what comes after it, or null.
  Status Apply(const FileState& state, const FileState* next) {
    const auto& file = *state.file;
    if (progress_.starts) progress_.starts(file);
    const auto began = project_.clock().Now();
    BERTH_ASSIGN(const auto* const parts, project_.PartsOf(file));
    const bool fresh = std::ranges::none_of(state.parts, &PartState::done);
    if (fresh && parts->size() > 1) BERTH_TRY(RecordStart(file, parts->size()));
    for (std::size_t i = 0; i < parts->size(); ++i) {
      const auto& part = (*parts)[i];
      if (i < state.parts.size() && state.parts[i].done) {
        if (!state.parts[i].recorded) Remember(RowOf(file, i + 1, parts->size()), part.connection, 0);
        continue;
      }
      const PartOfFile work{.file = file,
                            .part = part,
                            .number = static_cast<std::int64_t>(i + 1),
                            .another = i + 1 == parts->size() && next != nullptr && Continues(part, *next)};
      BERTH_TRY(part.catalog() ? OnCatalog(work, parts->size()) : OnWarehouse(work, parts->size()));
    }
    if (progress_.done) progress_.done(file, std::chrono::milliseconds(Since(began)));
    return {};
  }

  Status Flush() {
    if (waiting_.empty()) return {};
    BERTH_ASSIGN(const auto unit, Begin());
    return Commit(*unit);
  }

 private:
  struct Waiting {
    MigrationRow row;
    std::string connection;
  };

  std::int64_t Since(Clock::Steady began) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(project_.clock().Now() - began).count();
  }
  Result<std::unique_ptr<CatalogUnit>> Begin() {
    return engine::MaintenanceOf(project_.engine()).Begin(project_.options().warehouse.notices, Deadline::Never());
  }
  Status Commit(CatalogUnit& unit) {
    RowWriter writer(unit);
    for (const auto& waiting : waiting_) BERTH_TRY(writer.Add(waiting.row, waiting.connection));
    BERTH_TRY(unit.Commit());
    waiting_.clear();
    return {};
  }
  void Remember(MigrationRow row, const std::string& connection, std::int64_t took) {
    row.execution_ms = took;
    waiting_.push_back({.row = std::move(row), .connection = connection});
  }

  // Its rows are older than the file's parts, so they go first.
  Status RecordStart(const File& file, std::size_t parts) {
    auto row = RowOf(file, 0, parts);
    row.type = MigrationRow::Type::kStart;
    Remember(std::move(row), "", 0);
    return Flush();
  }

  // Whether `next` is nothing but a transaction on the same connection, in the same session. Where the catalog is
  // written in between, the history is not kept locked meanwhile.
  bool Continues(const Part& part, const FileState& next) {
    if (next.file->no_transaction || LeavesSettings(part)) return false;
    const auto parts = project_.PartsOf(*next.file);
    return parts.ok() && parts.value()->size() == 1 && parts.value()->front().connection == part.connection;
  }

  Status OnCatalog(const PartOfFile& work, std::size_t parts) {
    const auto began = project_.clock().Now();
    BERTH_ASSIGN(const auto unit, Begin());
    BERTH_TRY(RunOnCatalog(*unit, work.file, work.part));
    Remember(RowOf(work.file, static_cast<std::size_t>(work.number), parts), "", Since(began));
    BERTH_TRY(Commit(*unit));
    project_.ForgetWarehouses();
    return {};
  }

  Status OnWarehouse(const PartOfFile& work, std::size_t parts) {
    const auto began = project_.clock().Now();
    const auto& connection = work.part.connection;
    auto warehouse = project_.WarehouseOf(connection);
    if (!warehouse.ok())
      return AtLine(std::move(warehouse).TakeError(), work.file.script, work.part.steps.front().line);
    auto ran = warehouse.value()->Apply(work);
    if (!ran.ok()) return std::move(ran).TakeError();
    // The next file finds what it would find in a run of its own, be it after a crash.
    if (LeavesSettings(work.part)) project_.ForgetWarehouse(connection);
    Remember(RowOf(work.file, static_cast<std::size_t>(work.number), parts), connection, Since(began));
    return {};
  }

  Project& project_;
  const UpProgress& progress_;
  std::vector<Waiting> waiting_;
};

}  // namespace

Status RefuseDrift(const std::vector<FileState>& states) {
  Error error{.code = ErrorCode::kFailedPrecondition};
  std::size_t count = 0;
  for (const auto& state : states) {
    if (!IsDrift(state.word)) continue;
    ++count;
    if (count == 1) error.hint = state.hint;
    error.detail += fmt::format("{}{} {}", error.detail.empty() ? "" : "\n", state.script, state.problem);
    if (count > 1 && state.hint != error.hint) error.detail += fmt::format("\n    {}", state.hint);
  }
  if (count == 0) return {};
  error.message = fmt::format("nothing is applied: {} migration{} not as the history has {}", count,
                              count == 1 ? " is" : "s are", count == 1 ? "it" : "them");
  return error;
}

std::vector<const FileState*> ToDo(const Project& project, const std::vector<FileState>& states) {
  std::vector<const FileState*> todo;
  bool beyond = false;
  for (const auto& state : states) {
    if (state.file == nullptr || !IsToDo(state.word)) continue;
    const auto& to = project.options().to;
    if (state.file->version && to && *state.file->version > *to) {
      beyond = true;
      continue;
    }
    if (!state.file->version && beyond) continue;  // it may need what is not there yet
    todo.push_back(&state);
  }
  return todo;
}

Result<std::size_t> RecordDone(Project& project, const std::vector<FileState>& states) {
  std::size_t count = 0;
  BERTH_ASSIGN(const auto unit, engine::MaintenanceOf(project.engine()).Begin(nullptr, Deadline::Never()));
  RowWriter writer(*unit);
  for (const auto& state : states) {
    if (state.file == nullptr || state.recorded() || IsDrift(state.word)) continue;
    for (std::size_t i = 0; i < state.parts.size(); ++i) {
      const auto& part = state.parts[i];
      if (!part.done || part.recorded) continue;
      BERTH_TRY(writer.Add(RowOf(*state.file, i + 1, state.parts.size()), part.connection));
      ++count;
    }
  }
  if (count > 0) BERTH_TRY(unit->Commit());
  return count;
}

Result<UpReport> Up(Project& project, const std::vector<FileState>& states, const UpProgress& progress) {
  UpReport report;
  BERTH_TRY(RefuseDrift(states));
  const auto todo = ToDo(project, states);
  BERTH_TRY(Rehearse(project, todo));
  if (std::ranges::any_of(states,
                          [](const FileState& state) { return state.word == Word::kSuccess && !state.recorded(); })) {
    std::vector<FileState> done;
    std::ranges::copy_if(states, std::back_inserter(done),
                         [](const FileState& state) { return state.word == Word::kSuccess; });
    BERTH_ASSIGN(report.recorded, RecordDone(project, done));
  }
  Runner runner(project, progress);
  for (std::size_t i = 0; i < todo.size(); ++i) {
    const auto* const state = todo[i];
    auto applied = runner.Apply(*state, i + 1 < todo.size() ? todo[i + 1] : nullptr);
    if (!applied.ok()) {
      const auto flushed = runner.Flush();
      static_cast<void>(flushed);  // the warehouses know it, and the next run records it
      return std::move(applied).TakeError();
    }
    report.applied.push_back(state->script);
  }
  BERTH_TRY(runner.Flush());
  return report;
}

}  // namespace berth::migrations
