#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/sqlite_transaction.h"

// Service users and what they were granted.
namespace berth::catalog {
namespace {

#define BERTH_USER_COLUMNS "id, name, admin, comment, created_at, created_by, modified_at, modified_by"
constexpr std::string_view kFind =
    "SELECT " BERTH_USER_COLUMNS " FROM service_users WHERE name_folded = lower(?1) AND name = ?1";
constexpr std::string_view kFindById = "SELECT " BERTH_USER_COLUMNS " FROM service_users WHERE id = ?";
constexpr std::string_view kList = "SELECT " BERTH_USER_COLUMNS " FROM service_users ORDER BY name";
#undef BERTH_USER_COLUMNS
constexpr std::string_view kFindLike = "SELECT name FROM service_users WHERE name_folded = lower(?)";
constexpr std::string_view kInsert =
    "INSERT INTO service_users (name, admin, comment, created_at, created_by, modified_at, modified_by)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?5)";
constexpr std::string_view kUpdate =
    "UPDATE service_users SET admin = ?2, comment = ?3, modified_at = ?4, modified_by = ?5 WHERE id = ?1";
constexpr std::string_view kDeleteKeysOf = "DELETE FROM access_keys WHERE user_id = ?";
constexpr std::string_view kDeleteGrantsOf = "DELETE FROM connection_grants WHERE user_id = ?";
constexpr std::string_view kDelete = "DELETE FROM service_users WHERE id = ?";

constexpr std::string_view kGrants =
    "SELECT g.connection_id, g.user_id, c.name, u.name, g.max_active, g.max_concurrent, g.created_at, g.created_by,"
    " g.modified_at, g.modified_by FROM connection_grants g JOIN connections c ON c.id = g.connection_id"
    " JOIN service_users u ON u.id = g.user_id ORDER BY c.name, u.name";
constexpr std::string_view kPutGrant =
    "INSERT INTO connection_grants (connection_id, user_id, max_active, max_concurrent, created_at, created_by,"
    " modified_at, modified_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?6)"
    " ON CONFLICT (connection_id, user_id) DO UPDATE SET max_active = ?3, max_concurrent = ?4, modified_at = ?5,"
    " modified_by = ?6";
constexpr std::string_view kDeleteGrant = "DELETE FROM connection_grants WHERE connection_id = ? AND user_id = ?";

ServiceUser RowOf(const sqlite::Statement& row) {
  ServiceUser user;
  user.id = row.Integer(0);
  user.name = row.Text(1);
  user.admin = row.Integer(2) != 0;
  user.comment = row.Text(3);
  user.stamp = {
      .created_at = row.Text(4), .created_by = row.Text(5), .modified_at = row.Text(6), .modified_by = row.Text(7)};
  return user;
}

std::optional<std::int32_t> CountAt(const sqlite::Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return static_cast<std::int32_t>(row.Integer(column));
}

Grant GrantOf(const sqlite::Statement& row) {
  Grant grant;
  grant.connection_id = row.Integer(0);
  grant.user_id = row.Integer(1);
  grant.connection_name = row.Text(2);
  grant.user_name = row.Text(3);
  grant.max_active = CountAt(row, 4);
  grant.max_concurrent = CountAt(row, 5);
  grant.stamp = {
      .created_at = row.Text(6), .created_by = row.Text(7), .modified_at = row.Text(8), .modified_by = row.Text(9)};
  return grant;
}

Result<std::optional<ServiceUser>> ReadUser(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto statement, std::move(query));
  BERTH_ASSIGN(const bool found, statement.Step());
  return found ? std::optional<ServiceUser>(RowOf(statement)) : std::nullopt;
}

Error NoUser(std::int64_t id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no service user with the id {}", id)};
}

}  // namespace

Result<std::optional<ServiceUser>> SqliteTransaction::FindServiceUser(std::string_view name) {
  BERTH_TRY(Ready());
  return ReadUser(database_->Query(kFind, name));
}

Result<std::optional<std::string>> SqliteTransaction::FindServiceUserLike(std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto statement, database_->Query(kFindLike, name));
  BERTH_ASSIGN(const bool found, statement.Step());
  return found ? std::optional<std::string>(statement.Text(0)) : std::nullopt;
}

Result<std::vector<ServiceUser>> SqliteTransaction::ListServiceUsers() {
  BERTH_TRY(Ready());
  std::vector<ServiceUser> users;
  BERTH_ASSIGN(auto rows, database_->Query(kList));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return users;
    users.push_back(RowOf(rows));
  }
}

Result<ServiceUser> SqliteTransaction::InsertServiceUser(ServiceUser user) {
  BERTH_ASSIGN(const auto taken, FindServiceUserLike(user.name));
  if (taken) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("Service user {} already exists", base::QuoteIdentifier(*taken))};
  }
  BERTH_TRY(database_->Run(kInsert, std::string_view(user.name), user.admin, std::string_view(user.comment), Now(),
                           context_->actor));
  BERTH_ASSIGN(auto stored, ReadUser(database_->Query(kFindById, database_->LastInsertId())));
  BERTH_TRY(NoteChange(*stored, "create"));
  return *std::move(stored);
}

Status SqliteTransaction::UpdateServiceUser(const ServiceUser& user) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kUpdate, user.id, user.admin, std::string_view(user.comment), Now(), context_->actor));
  return database_->ChangedRows() == 0 ? Status(NoUser(user.id)) : NoteChange(user, "alter");
}

Status SqliteTransaction::DeleteServiceUser(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto user, ReadUser(database_->Query(kFindById, id)));
  if (!user) return NoUser(id);
  // It concerns the connections that he could use: their grants go with him.
  ChangeRow change{.action = "drop", .object_type = "service user", .object_id = id, .object_name = user->name};
  BERTH_ASSIGN(const auto grants, ListGrants());
  for (const auto& grant : grants) {
    if (grant.user_id == id) change.other_connections.push_back(grant.connection_id);
  }
  if (!change.other_connections.empty()) change.connection_id = change.other_connections.front();
  return AllOrNothing([&]() -> Status {
    BERTH_TRY(database_->Run(kDeleteKeysOf, id));
    BERTH_TRY(database_->Run(kDeleteGrantsOf, id));
    BERTH_TRY(database_->Run(kDelete, id));
    return Note(std::move(change));
  });
}

Result<std::vector<Grant>> SqliteTransaction::ListGrants() {
  BERTH_TRY(Ready());
  std::vector<Grant> grants;
  BERTH_ASSIGN(auto rows, database_->Query(kGrants));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return grants;
    grants.push_back(GrantOf(rows));
  }
}

Status SqliteTransaction::PutGrant(const Grant& grant) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kPutGrant, grant.connection_id, grant.user_id, grant.max_active, grant.max_concurrent, Now(),
                           context_->actor));
  return NoteGrant(grant.connection_id, grant.user_id, "grant");
}

Result<bool> SqliteTransaction::DeleteGrant(std::int64_t connection_id, std::int64_t user_id) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run(kDeleteGrant, connection_id, user_id));
  if (database_->ChangedRows() == 0) return false;
  BERTH_TRY(NoteGrant(connection_id, user_id, "revoke"));
  return true;
}

Status SqliteTransaction::NoteChange(const ServiceUser& user, std::string_view action) {
  return Note(
      {.action = std::string(action), .object_type = "service user", .object_id = user.id, .object_name = user.name});
}

Status SqliteTransaction::NoteGrant(std::int64_t connection_id, std::int64_t user_id, std::string_view action) {
  BERTH_ASSIGN(const auto user, ReadUser(database_->Query(kFindById, user_id)));
  if (!user) return NoUser(user_id);
  return Note({.action = std::string(action),
               .object_type = "service user",
               .object_id = user_id,
               .object_name = user->name,
               .connection_id = connection_id});
}

}  // namespace berth::catalog
