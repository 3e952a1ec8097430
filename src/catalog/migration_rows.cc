#include <utility>

#include "base/try.h"
#include "catalog/sqlite_transaction.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kList =
    "SELECT installed_rank, version, description, type, script, checksum, part, parts, target, connection_id,"
    " installed_on, installed_by, execution_time FROM migration_history ORDER BY installed_rank";
constexpr std::string_view kInsert =
    "INSERT INTO migration_history (version, description, type, script, checksum, part, parts, target, connection_id,"
    " installed_on, installed_by, execution_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kRealign =
    "UPDATE migration_history SET script = ?, description = ?, checksum = ? WHERE script = ?";

std::string_view TypeName(MigrationRow::Type type) {
  switch (type) {
    case MigrationRow::Type::kSql:
      return "SQL";
    case MigrationRow::Type::kStart:
      return "START";
    case MigrationRow::Type::kDelete:
      return "DELETE";
  }
  return {};
}

MigrationRow::Type TypeOf(std::string_view name) {
  if (name == "START") return MigrationRow::Type::kStart;
  return name == "DELETE" ? MigrationRow::Type::kDelete : MigrationRow::Type::kSql;
}

MigrationRow RowOf(const sqlite::Statement& row) {
  MigrationRow out;
  out.rank = row.Integer(0);
  if (!row.IsNull(1)) out.version = row.Text(1);
  out.description = row.Text(2);
  out.type = TypeOf(row.Text(3));
  out.script = row.Text(4);
  out.checksum = row.Text(5);
  out.part = row.Integer(6);
  out.parts = row.Integer(7);
  out.target = row.Text(8);
  if (!row.IsNull(9)) out.connection_id = row.Integer(9);
  out.installed_on = row.Text(10);
  out.installed_by = row.Text(11);
  out.execution_ms = row.Integer(12);
  return out;
}

}  // namespace

Result<std::vector<MigrationRow>> SqliteTransaction::ListMigrations() {
  BERTH_TRY(Ready());
  std::vector<MigrationRow> rows;
  BERTH_ASSIGN(auto query, database_->Query(kList));
  while (true) {
    BERTH_ASSIGN(const bool more, query.Step());
    if (!more) return rows;
    rows.push_back(RowOf(query));
  }
}

Status SqliteTransaction::InsertMigration(const MigrationRow& row) {
  BERTH_TRY(Ready());
  const std::optional<std::string_view> version =
      row.version ? std::optional<std::string_view>(*row.version) : std::nullopt;
  return database_->Run(kInsert, version, std::string_view(row.description), TypeName(row.type),
                        std::string_view(row.script), std::string_view(row.checksum), row.part, row.parts,
                        std::string_view(row.target), row.connection_id, std::string_view(Now()),
                        std::string_view(context_->actor), row.execution_ms);
}

Status SqliteTransaction::RealignMigration(std::string_view script, const MigrationRow& row) {
  BERTH_TRY(Ready());
  return database_->Run(kRealign, std::string_view(row.script), std::string_view(row.description),
                        std::string_view(row.checksum), script);
}

}  // namespace berth::catalog
