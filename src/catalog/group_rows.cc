#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/changed_options.h"
#include "catalog/sqlite_transaction.h"

namespace berth::catalog {
namespace {

#define BERTH_GROUP_COLUMNS \
  "id, version, name, max_concurrent_connections, comment, created_at, created_by, modified_at, modified_by"

constexpr std::string_view kFind =
    "SELECT " BERTH_GROUP_COLUMNS " FROM connection_groups WHERE name_folded = lower(?1) AND name = ?1";
constexpr std::string_view kFindById = "SELECT " BERTH_GROUP_COLUMNS " FROM connection_groups WHERE id = ?";
constexpr std::string_view kList = "SELECT " BERTH_GROUP_COLUMNS " FROM connection_groups ORDER BY name";
#undef BERTH_GROUP_COLUMNS
constexpr std::string_view kFindLike = "SELECT name FROM connection_groups WHERE name_folded = lower(?)";
constexpr std::string_view kTaken = "SELECT name FROM connection_groups WHERE name_folded = lower(?) AND id <> ?";
constexpr std::string_view kInsert =
    "INSERT INTO connection_groups (name, max_concurrent_connections, comment, version, created_at, created_by,"
    " modified_at, modified_by) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?4, ?5)";
constexpr std::string_view kUpdate =
    "UPDATE connection_groups SET name = ?2, max_concurrent_connections = ?3, comment = ?4, modified_at = ?5,"
    " modified_by = ?6, version = version + 1 WHERE id = ?1";
constexpr std::string_view kNoteMembers = "UPDATE connection_groups SET version = version + 1 WHERE id IN (?1, ?2)";
constexpr std::string_view kDelete = "DELETE FROM connection_groups WHERE id = ?";

ConnectionGroup RowOf(const sqlite::Statement& row) {
  ConnectionGroup group;
  group.id = row.Integer(0);
  group.version = row.Integer(1);
  group.name = row.Text(2);
  group.max_concurrent_connections = static_cast<std::int32_t>(row.Integer(3));
  group.comment = row.Text(4);
  group.stamp = {
      .created_at = row.Text(5), .created_by = row.Text(6), .modified_at = row.Text(7), .modified_by = row.Text(8)};
  return group;
}

Error NoGroup(std::int64_t id) {
  return {.code = ErrorCode::kNotFound,
          .message = fmt::format("The catalog has no connection group with the id {}", id)};
}

}  // namespace

Result<std::optional<ConnectionGroup>> SqliteTransaction::ReadGroup(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto statement, std::move(query));
  BERTH_ASSIGN(const bool found, statement.Step());
  if (!found) return std::optional<ConnectionGroup>();
  return std::optional<ConnectionGroup>(RowOf(statement));
}

Result<std::optional<ConnectionGroup>> SqliteTransaction::FindGroup(std::string_view name) {
  BERTH_TRY(Ready());
  return ReadGroup(database_->Query(kFind, name));
}

Result<std::optional<ConnectionGroup>> SqliteTransaction::FindGroupById(std::int64_t id) {
  BERTH_TRY(Ready());
  return ReadGroup(database_->Query(kFindById, id));
}

Result<std::optional<std::string>> SqliteTransaction::FindGroupLike(std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto statement, database_->Query(kFindLike, name));
  BERTH_ASSIGN(const bool found, statement.Step());
  return found ? std::optional<std::string>(statement.Text(0)) : std::nullopt;
}

Result<std::vector<ConnectionGroup>> SqliteTransaction::ListGroups() {
  BERTH_TRY(Ready());
  std::vector<ConnectionGroup> groups;
  BERTH_ASSIGN(auto rows, database_->Query(kList));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return groups;
    groups.push_back(RowOf(rows));
  }
}

Status SqliteTransaction::RefuseTakenName(const ConnectionGroup& group) {
  BERTH_ASSIGN(auto taken, database_->Query(kTaken, std::string_view(group.name), group.id));
  BERTH_ASSIGN(const bool found, taken.Step());
  if (!found) return {};
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("Connection group {} already exists", base::QuoteIdentifier(taken.Text(0)))};
}

Result<ConnectionGroup> SqliteTransaction::InsertGroup(ConnectionGroup group) {
  BERTH_TRY(Ready());
  group.id = 0;
  BERTH_TRY(RefuseTakenName(group));
  BERTH_TRY(database_->Run(kInsert, std::string_view(group.name), group.max_concurrent_connections,
                           std::string_view(group.comment), Now(), context_->actor));
  BERTH_ASSIGN(auto stored, ReadGroup(database_->Query(kFindById, database_->LastInsertId())));
  BERTH_TRY(NoteChange(*stored, "create", {}));
  return *std::move(stored);
}

Result<ConnectionGroup> SqliteTransaction::UpdateGroup(ConnectionGroup group) {
  BERTH_ASSIGN(const auto old, FindGroupById(group.id));
  BERTH_TRY(RefuseTakenName(group));
  BERTH_TRY(database_->Run(kUpdate, group.id, std::string_view(group.name), group.max_concurrent_connections,
                           std::string_view(group.comment), Now(), context_->actor));
  if (!old) return NoGroup(group.id);
  BERTH_TRY(NoteChange(group, old->name == group.name ? "alter" : "rename", ChangedOptions(*old, group)));
  BERTH_ASSIGN(auto stored, ReadGroup(database_->Query(kFindById, group.id)));
  return *std::move(stored);
}

Status SqliteTransaction::NoteMembers(const Connection& before, const Connection& after) {
  const auto id = [](const Connection& connection) { return connection.group ? connection.group->id : 0; };
  const bool same = id(before) == id(after) && before.tuning.reserved == after.tuning.reserved;
  if (same && before.id == after.id) return {};
  return database_->Run(kNoteMembers, id(before), id(after));
}

Status SqliteTransaction::DeleteGroup(std::int64_t id) {
  BERTH_ASSIGN(const auto old, FindGroupById(id));
  if (Status status = database_->Run(kDelete, id); !status.ok()) {
    Error error = std::move(status).TakeError();
    if (error.code == ErrorCode::kDependentsExist) {
      error.message = fmt::format("The connection group with the id {} still has connections", id);
    }
    return error;
  }
  if (!old) return NoGroup(id);
  return NoteChange(*old, "drop", {});
}

}  // namespace berth::catalog
