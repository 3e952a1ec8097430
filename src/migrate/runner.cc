#include "migrate/runner.h"

#include <algorithm>

#include "base/try.h"

namespace berth::migrate {
namespace {

Result<std::vector<Migration>> Pending(MigrationTarget& target, std::span<const Migration> files,
                                       MigrationReport& report) {
  BERTH_ASSIGN(const auto history, target.History());
  for (const auto& row : history) report.version = std::max(report.version, row.version);
  return PlanMigrations(target.Name(), files, history);
}

}  // namespace

Result<MigrationReport> MigrateUp(MigrationTarget& target, std::span<const Migration> files, Deadline deadline) {
  MigrationReport report;
  BERTH_ASSIGN(auto pending, Pending(target, files, report));
  if (pending.empty()) return report;
  BERTH_TRY(target.Lock(deadline));
  BERTH_ASSIGN(pending, Pending(target, files, report));
  for (const auto& migration : pending) {
    BERTH_TRY(target.Apply(migration));
    report.applied.push_back(migration.version);
    report.version = migration.version;
  }
  BERTH_TRY(target.Finish());
  return report;
}

}  // namespace berth::migrate
