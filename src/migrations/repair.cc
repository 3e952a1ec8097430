#include "migrations/repair.h"

#include <fmt/core.h>

#include <utility>

#include "base/try.h"
#include "engine/maintenance.h"
#include "migrations/rows.h"
#include "migrations/up.h"

namespace berth::migrations {
namespace {

class Repairer {
 public:
  Repairer(Project& project, std::optional<Assume> assume) : project_(project), assume_(assume) {}

  Status Mend(const FileState& state) {
    switch (state.word) {
      case Word::kChanged:
        return TakeOver(state);
      case Word::kMissing:
        return MarkDeleted(state);
      case Word::kInDoubt:
        return Settle(state);
      case Word::kLost:
        return SettleLost(state);
      default:
        return {};
    }
  }

  std::vector<std::string> done;

 private:
  Result<std::unique_ptr<engine::CatalogUnit>> Begin() {
    return engine::MaintenanceOf(project_.engine()).Begin(nullptr, Deadline::Never());
  }

  // The warehouses go first: what the catalog says alone would be a file that was lost.
  Status TakeOver(const FileState& state) {
    const auto& script = state.recorded_script.empty() ? state.script : state.recorded_script;
    for (const auto& connection : state.histories) {
      BERTH_ASSIGN(auto* const warehouse, project_.WarehouseOf(connection));
      BERTH_TRY(warehouse->Realign(script, *state.file));
    }
    BERTH_ASSIGN(const auto unit, Begin());
    BERTH_TRY(unit->transaction().RealignMigration(script, RowOf(*state.file, 0, 0)));
    BERTH_TRY(unit->Commit());
    done.push_back(fmt::format("{}: its text as it is now counts as the one that was applied", state.script));
    return {};
  }

  Status MarkDeleted(const FileState& state) {
    for (const auto& connection : state.histories) {
      BERTH_ASSIGN(auto* const warehouse, project_.WarehouseOf(connection));
      BERTH_TRY(warehouse->MarkDeleted(state));
    }
    BERTH_TRY(Forget(state, {}));
    done.push_back(fmt::format("{}: marked as deleted", state.script));
    return {};
  }

  // All rows of the catalog no longer count, but for the parts of `keep`.
  Status Forget(const FileState& state, const std::vector<std::pair<std::size_t, std::string>>& keep) {
    BERTH_ASSIGN(const auto unit, Begin());
    catalog::MigrationRow row{.description = state.description, .script = state.script};
    if (!state.version.empty()) row.version = state.version;
    row.type = catalog::MigrationRow::Type::kDelete;
    BERTH_TRY(unit->transaction().InsertMigration(row));
    RowWriter writer(*unit);
    for (const auto& [part, connection] : keep) {
      BERTH_TRY(writer.Add(RowOf(*state.file, part, state.parts.size()), connection));
    }
    return unit->Commit();
  }

  Status Settle(const FileState& state) {
    if (!assume_) return {};
    BERTH_ASSIGN(const auto* const parts, project_.PartsOf(*state.file));
    for (std::size_t i = 0; i < parts->size() && i < state.parts.size(); ++i) {
      const auto& part = state.parts[i];
      if (part.started == part.statements_done) continue;
      BERTH_ASSIGN(auto* const warehouse, project_.WarehouseOf(part.connection));
      const bool applied = *assume_ == Assume::kApplied;
      BERTH_TRY(warehouse->Settle(
          {.file = *state.file, .part = (*parts)[i], .number = static_cast<std::int64_t>(i + 1)}, applied));
      done.push_back(fmt::format("{}: statement {} on connection {} counts as {}", state.script, part.started,
                                 part.connection, applied ? "applied" : "not applied"));
    }
    return {};
  }

  Status SettleLost(const FileState& state) {
    if (!assume_) return {};
    BERTH_ASSIGN(const auto* const parts, project_.PartsOf(*state.file));
    std::vector<std::pair<std::size_t, std::string>> keep;
    for (std::size_t i = 0; i < state.parts.size() && i < parts->size(); ++i) {
      const auto& part = state.parts[i];
      if (!part.lost) {
        keep.emplace_back(i + 1, part.connection);
        continue;
      }
      if (*assume_ == Assume::kNotApplied) continue;
      BERTH_ASSIGN(auto* const warehouse, project_.WarehouseOf(part.connection));
      BERTH_TRY(
          warehouse->MarkDone({.file = *state.file, .part = (*parts)[i], .number = static_cast<std::int64_t>(i + 1)}));
    }
    if (*assume_ == Assume::kNotApplied) BERTH_TRY(Forget(state, keep));
    done.push_back(fmt::format("{}: counts as {}", state.script,
                               *assume_ == Assume::kApplied ? "applied there" : "not applied there"));
    return {};
  }

  Project& project_;
  const std::optional<Assume> assume_;
};

}  // namespace

Result<std::vector<std::string>> Repair(Project& project, std::optional<Assume> assume) {
  BERTH_ASSIGN(const auto states, project.Survey());
  Repairer repairer(project, assume);
  for (const auto& state : states) BERTH_TRY(repairer.Mend(state));
  BERTH_ASSIGN(const auto now, project.Survey());
  BERTH_ASSIGN(const auto recorded, RecordDone(project, now));
  if (recorded > 0) {
    repairer.done.push_back(fmt::format("{} part{} that warehouses know to be done {} recorded in the catalog",
                                        recorded, recorded == 1 ? "" : "s", recorded == 1 ? "is" : "are"));
  }
  return std::move(repairer.done);
}

}  // namespace berth::migrations
