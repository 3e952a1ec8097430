#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "migrate/runner.h"
#include "sqlite/database.h"

namespace berth::catalog {

inline constexpr std::string_view kProgramVersion = "berth 0.1.0";  // as CMakeLists.txt has it; a test compares

// The catalog as a target of its own migrations (catalog/sqlite/*.sql): all that are pending are one transaction. The
// history is the table berth_migrations.
class SchemaTarget final : public migrate::MigrationTarget {
 public:
  // `newest`: the last version that is built in.
  SchemaTarget(sqlite::Database& database, const Clock& clock, std::int64_t newest)
      : database_(database), clock_(clock), newest_(newest) {}

  std::string Name() const override;
  Result<std::vector<migrate::AppliedMigration>> History() override;
  Status Lock(Deadline deadline) override;
  Status Apply(const migrate::Migration& migration) override;
  Status Finish() override;

 private:
  Status RefuseForeign();
  Result<std::vector<migrate::AppliedMigration>> WithoutHarmless(std::vector<migrate::AppliedMigration> history);

  sqlite::Database& database_;
  const Clock& clock_;
  const std::int64_t newest_;
};

// Brings the file up to date with the migrations that are built in. Errors: kFailedPrecondition (a newer version made
// it, or it is a database of another program), kCatalogReadOnly (it is older and cannot be changed).
Status UpgradeSchema(sqlite::Database& database, const Clock& clock, Deadline deadline);

}  // namespace berth::catalog
