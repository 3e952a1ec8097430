#include "catalog/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/embedded.h"
#include "base/log.h"
#include "base/try.h"
#include "catalog/utc.h"

namespace berth::catalog {
namespace {

constexpr std::int64_t kApplicationId = 0x42525448;  // "BRTH" in the file's header: `file catalog.db` shows it

constexpr std::string_view kObjectCount = "SELECT count(*) FROM sqlite_schema";
constexpr std::string_view kReadApplicationId = "PRAGMA application_id";
constexpr std::string_view kReadOldestReader = "PRAGMA user_version";  // 0: not said
constexpr std::string_view kHasHistory =
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'berth_migrations'";
constexpr std::string_view kHistory =
    "SELECT version, description, checksum, applied_by FROM berth_migrations ORDER BY version";
constexpr const char* kMakeHistory =
    "CREATE TABLE IF NOT EXISTS berth_migrations ("
    " version INTEGER PRIMARY KEY, description TEXT NOT NULL, checksum TEXT NOT NULL,"
    " applied_at TEXT NOT NULL, applied_by TEXT NOT NULL) STRICT;";
constexpr std::string_view kAddToHistory =
    "INSERT INTO berth_migrations (version, description, checksum, applied_at, applied_by) VALUES (?, ?, ?, ?, ?)";

Result<std::vector<migrate::Migration>> BuiltInMigrations() {
  std::vector<migrate::Migration> migrations;
  for (const auto& file : EmbeddedSql()) {
    BERTH_ASSIGN(auto migration, migrate::MakeMigration(file.name, file.text));
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

}  // namespace

std::string SchemaTarget::Name() const {
  return fmt::format("The catalog {}", database_.path());
}

Status SchemaTarget::RefuseForeign() {
  BERTH_ASSIGN(auto objects, database_.Query(kObjectCount));
  BERTH_TRY(objects.Step());
  if (objects.Integer(0) == 0) return {};
  BERTH_ASSIGN(auto id, database_.Query(kReadApplicationId));
  BERTH_TRY(id.Step());
  if (id.Integer(0) == kApplicationId) return {};
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = fmt::format("{} is a database of another program, not a catalog of Berth", database_.path()),
               .hint = "Name another file with --catalog."};
}

Result<std::vector<migrate::AppliedMigration>> SchemaTarget::History() {
  BERTH_TRY(RefuseForeign());
  std::vector<migrate::AppliedMigration> history;
  BERTH_ASSIGN(auto has_history, database_.Query(kHasHistory));
  BERTH_ASSIGN(const bool there, has_history.Step());
  if (!there) return history;
  BERTH_ASSIGN(auto rows, database_.Query(kHistory));
  for (bool more = true; more;) {
    BERTH_ASSIGN(more, rows.Step());
    if (!more) break;
    history.push_back(
        {.version = rows.Integer(0), .description = rows.Text(1), .checksum = rows.Text(2), .program = rows.Text(3)});
  }
  return WithoutHarmless(std::move(history));
}

// What a newer program added is none of this one's business as long as the catalog says that programs of this version
// may read it.
Result<std::vector<migrate::AppliedMigration>> SchemaTarget::WithoutHarmless(
    std::vector<migrate::AppliedMigration> history) {
  BERTH_ASSIGN(auto oldest, database_.Query(kReadOldestReader));
  BERTH_TRY(oldest.Step());
  if (oldest.Integer(0) == 0 || oldest.Integer(0) > newest_) return history;
  std::erase_if(history, [&](const migrate::AppliedMigration& row) { return row.version > newest_; });
  return history;
}

Status SchemaTarget::Lock(Deadline deadline) {
  database_.SetDeadline(deadline);
  return database_.BeginWrite();
}

Status SchemaTarget::Apply(const migrate::Migration& migration) {
  BERTH_TRY(database_.RunScript(kMakeHistory));
  BERTH_TRY(database_.RunScript(migration.sql));
  return database_.Run(kAddToHistory, migration.version, std::string_view(migration.description),
                       std::string_view(migration.checksum), std::string_view(UtcText(clock_.WallNow())),
                       kProgramVersion);
}

Status SchemaTarget::Finish() {
  BERTH_TRY(database_.RunScript(fmt::format("PRAGMA application_id = {};", kApplicationId)));
  return database_.Commit();
}

Status UpgradeSchema(sqlite::Database& database, const Clock& clock, Deadline deadline) {
  BERTH_ASSIGN(const auto migrations, BuiltInMigrations());
  std::int64_t newest = 0;
  for (const auto& migration : migrations) newest = std::max(newest, migration.version);
  SchemaTarget target(database, clock, newest);
  auto report = migrate::MigrateUp(target, migrations, deadline);
  if (!report.ok()) {
    database.Rollback();
    return std::move(report).TakeError();
  }
  if (!report.value().applied.empty()) {
    log::Info("the catalog {} is at version {} now", database.path(), report.value().version);
  }
  return {};
}

}  // namespace berth::catalog
