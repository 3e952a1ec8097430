#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "migrate/migration.h"
#include "migrate/plan.h"

namespace berth::migrate {

// Where migrations run: the catalog itself, or a warehouse. One thread at a time.
class MigrationTarget {
 public:
  virtual ~MigrationTarget() = default;
  virtual std::string Name() const = 0;  // for errors
  // No lock needed; an empty history where there is none yet.
  virtual Result<std::vector<AppliedMigration>> History() = 0;
  // From here to Finish() nobody else applies migrations. What was done since is undone if Finish() is never called and
  // the target can undo it.
  virtual Status Lock(Deadline deadline) = 0;
  // Runs the text and writes its row of the history as one.
  virtual Status Apply(const Migration& migration) = 0;
  virtual Status Finish() = 0;
};

struct MigrationReport {
  std::int64_t version = 0;           // of the target now; 0: nothing was ever applied
  std::vector<std::int64_t> applied;  // by this run
};

// Brings `target` up to date with `files`. A target that is so already is only read: no lock is taken. Safe where
// several processes do it at once: after the lock the history is read and planned again. Errors: PlanMigrations' and
// the target's.
Result<MigrationReport> MigrateUp(MigrationTarget& target, std::span<const Migration> files, Deadline deadline);

}  // namespace berth::migrate
