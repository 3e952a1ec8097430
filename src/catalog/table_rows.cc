#include <fmt/core.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"

namespace berth::catalog {
namespace {

#define BERTH_TABLE_COLUMNS                                                                                        \
  "id, connection_id, schema_name, table_name, state, attached, created_at, created_by, modified_at, modified_by," \
  " intent_pid, intent_started"
constexpr std::string_view kFind =
    "SELECT " BERTH_TABLE_COLUMNS " FROM tables WHERE connection_id = ? AND schema_name = ? AND table_name = ?";
constexpr std::string_view kFindById = "SELECT " BERTH_TABLE_COLUMNS " FROM tables WHERE id = ?";
constexpr std::string_view kIntents =
    "SELECT " BERTH_TABLE_COLUMNS " FROM tables WHERE state <> 'recorded' ORDER BY id";
#undef BERTH_TABLE_COLUMNS
constexpr std::string_view kInsert =
    "INSERT INTO tables (connection_id, schema_name, table_name, state, attached, created_at, created_by, modified_at,"
    " modified_by, intent_pid, intent_started) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?7, ?8, ?9)";
constexpr std::string_view kUpdateState =
    "UPDATE tables SET state = ?, modified_at = ?, modified_by = ?, intent_pid = ?, intent_started = ? WHERE id = ?";
constexpr std::string_view kDelete = "DELETE FROM tables WHERE id = ?";

Error NoTable(std::int64_t id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no table with the id {}", id)};
}

Table RowOf(const sqlite::Statement& row) {
  return {.id = row.Integer(0),
          .connection_id = row.Integer(1),
          .schema = row.Text(2),
          .name = row.Text(3),
          .state = TableStateOf(row.Text(4)),
          .attached = row.Integer(5) != 0,
          .intent_pid = row.Integer(10),
          .intent_started = row.Integer(11),
          .stamp = {.created_at = row.Text(6),
                    .created_by = row.Text(7),
                    .modified_at = row.Text(8),
                    .modified_by = row.Text(9)}};
}

// Who is at an intent: this process, so that it can be told whether it still lives.
struct Owner {
  std::optional<std::int64_t> pid, started;
};
Owner OwnerOf(TableState state) {
  if (state == TableState::kRecorded) return {};
  const std::int64_t pid = ::getpid();
  return {.pid = pid, .started = static_cast<std::int64_t>(base::ProcessStart(pid))};
}

}  // namespace

Result<std::optional<Table>> SqliteTransaction::FindTable(std::int64_t connection_id, std::string_view schema,
                                                          std::string_view name) {
  BERTH_TRY(Ready());
  return ReadTable(database_->Query(kFind, connection_id, schema, name));
}

Result<std::optional<Table>> SqliteTransaction::ReadTable(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto row, std::move(query));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<Table>();
  return std::optional<Table>(RowOf(row));
}

Result<std::vector<Table>> SqliteTransaction::ListIntents() {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto rows, database_->Query(kIntents));
  std::vector<Table> intents;
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return intents;
    intents.push_back(RowOf(rows));
  }
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
  const auto owner = OwnerOf(table.state);
  const Status status =
      database_->Run(kInsert, table.connection_id, std::string_view(table.schema), std::string_view(table.name),
                     TableStateName(table.state), table.attached, std::string_view(now),
                     std::string_view(context_->actor), owner.pid, owner.started);
  if (!status.ok()) return MissingConnection(status.error(), table.connection_id);
  table.id = database_->LastInsertId();
  // An intent is no change yet.
  if (table.state == TableState::kRecorded) BERTH_TRY(NoteChange(table, table.attached ? "attach" : "create"));
  table.stamp = {.created_at = now, .created_by = context_->actor, .modified_at = now, .modified_by = context_->actor};
  return table;
}

Status SqliteTransaction::UpdateTableState(std::int64_t id, TableState state) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto old, ReadTable(database_->Query(kFindById, id)));
  if (!old) return NoTable(id);
  const auto owner = OwnerOf(state);
  BERTH_TRY(database_->Run(kUpdateState, TableStateName(state), std::string_view(Now()),
                           std::string_view(context_->actor), owner.pid, owner.started, id));
  const bool made = old->state == TableState::kCreating && state == TableState::kRecorded;
  return made ? NoteChange(*old, "create") : Status();
}

Status SqliteTransaction::DeleteTable(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto old, ReadTable(database_->Query(kFindById, id)));
  if (!old) return NoTable(id);
  BERTH_TRY(database_->Run(kDelete, id));
  return old->state == TableState::kCreating ? Status() : NoteChange(*old, "drop");
}

}  // namespace berth::catalog
