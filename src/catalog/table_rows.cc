#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kFind =
    "SELECT id, connection_id, schema_name, table_name, state, attached, created_at, created_by, modified_at, "
    "modified_by"
    " FROM tables WHERE connection_id = ? AND schema_name = ? AND table_name = ?";
constexpr std::string_view kInsert =
    "INSERT INTO tables (connection_id, schema_name, table_name, state, attached, created_at, created_by, modified_at,"
    " modified_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?7)";
constexpr std::string_view kUpdateState = "UPDATE tables SET state = ?, modified_at = ?, modified_by = ? WHERE id = ?";
constexpr std::string_view kDelete = "DELETE FROM tables WHERE id = ?";

Error NoTable(std::int64_t id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no table with the id {}", id)};
}

}  // namespace

Result<std::optional<Table>> SqliteTransaction::FindTable(std::int64_t connection_id, std::string_view schema,
                                                          std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kFind, connection_id, schema, name));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<Table>();
  return std::optional<Table>(Table{.id = row.Integer(0),
                                    .connection_id = row.Integer(1),
                                    .schema = row.Text(2),
                                    .name = row.Text(3),
                                    .state = TableStateOf(row.Text(4)),
                                    .attached = row.Integer(5) != 0,
                                    .stamp = {.created_at = row.Text(6),
                                              .created_by = row.Text(7),
                                              .modified_at = row.Text(8),
                                              .modified_by = row.Text(9)}});
}

Result<Table> SqliteTransaction::InsertTable(Table table) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto taken, FindTable(table.connection_id, table.schema, table.name));
  if (taken) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("Table {}.{} is in the catalog already", base::QuoteIdentifier(table.schema),
                                        base::QuoteIdentifier(table.name))};
  }
  const std::string now = Now();
  const Status status = database_->Run(kInsert, table.connection_id, std::string_view(table.schema),
                                       std::string_view(table.name), TableStateName(table.state), table.attached,
                                       std::string_view(now), std::string_view(context_->actor));
  if (!status.ok()) return MissingConnection(status.error(), table.connection_id);
  table.id = database_->LastInsertId();
  table.stamp = {.created_at = now, .created_by = context_->actor, .modified_at = now, .modified_by = context_->actor};
  return table;
}

Status SqliteTransaction::UpdateTableState(std::int64_t id, TableState state) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kUpdateState, TableStateName(state), std::string_view(Now()),
                           std::string_view(context_->actor), id));
  if (database_->ChangedRows() == 0) return NoTable(id);
  return {};
}

Status SqliteTransaction::DeleteTable(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kDelete, id));
  if (database_->ChangedRows() == 0) return NoTable(id);
  return {};
}

}  // namespace berth::catalog
