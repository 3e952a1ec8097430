#include <fmt/core.h>

#include <utility>

#include "base/try.h"
#include "catalog/seal.h"
#include "catalog/sealed_texts.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/utc.h"

// The access keys of service users.
namespace berth::catalog {
namespace {

#define BERTH_KEY_COLUMNS                                                                             \
  "SELECT k.id, k.user_id, u.name, k.enabled, k.expires_at, k.last_used_at, k.comment, k.created_at," \
  " k.created_by, k.modified_at, k.modified_by FROM access_keys k JOIN service_users u ON u.id = k.user_id"
constexpr std::string_view kFind = BERTH_KEY_COLUMNS " WHERE k.id = ?";
constexpr std::string_view kList = BERTH_KEY_COLUMNS " ORDER BY u.name, k.rowid";
#undef BERTH_KEY_COLUMNS
constexpr std::string_view kRowId = "SELECT rowid FROM access_keys WHERE id = ?";
constexpr std::string_view kInsert =
    "INSERT INTO access_keys (id, user_id, secret_sealed, enabled, expires_at, comment, created_at, created_by,"
    " modified_at, modified_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?8)";
constexpr std::string_view kEnable =
    "UPDATE access_keys SET enabled = ?2, modified_at = ?3, modified_by = ?4 WHERE id = ?1";
constexpr std::string_view kNoteUse = "UPDATE access_keys SET last_used_at = ?2 WHERE id = ?1";
constexpr std::string_view kDelete = "DELETE FROM access_keys WHERE id = ?";

AccessKey RowOf(const sqlite::Statement& row) {
  AccessKey key;
  key.id = row.Text(0);
  key.user_id = row.Integer(1);
  key.user_name = row.Text(2);
  key.enabled = row.Integer(3) != 0;
  if (!row.IsNull(4)) key.expires_at = WallOf(row.Text(4)).value_or(Clock::Wall::min());  // not read: it has ended
  if (!row.IsNull(5)) key.last_used_at = row.Text(5);
  key.comment = row.Text(6);
  key.stamp = {
      .created_at = row.Text(7), .created_by = row.Text(8), .modified_at = row.Text(9), .modified_by = row.Text(10)};
  return key;
}

Error NoKey(std::string_view id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no access key {}", id)};
}

}  // namespace

Result<std::optional<AccessKey>> SqliteTransaction::FindAccessKey(std::string_view id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto statement, database_->Query(kFind, id));
  BERTH_ASSIGN(const bool found, statement.Step());
  return found ? std::optional<AccessKey>(RowOf(statement)) : std::nullopt;
}

Result<std::vector<AccessKey>> SqliteTransaction::ListAccessKeys() {
  BERTH_TRY(Ready());
  std::vector<AccessKey> keys;
  BERTH_ASSIGN(auto rows, database_->Query(kList));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return keys;
    keys.push_back(RowOf(rows));
  }
}

Status SqliteTransaction::InsertAccessKey(const AccessKey& key, const Secret& secret) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const Secret sealing, KeyForSealing(SealedPlace::kAccessKey, 0));
  BERTH_ASSIGN(const auto sealed, SealSecret(sealing, BoundToKey(key.id, key.user_id), secret));
  BERTH_ASSIGN(auto insert, database_->Prepare(kInsert));
  insert.Bind(std::string_view(key.id));
  insert.Bind(key.user_id);
  insert.BindBlob(sealed);
  insert.Bind(key.enabled);
  key.expires_at ? insert.Bind(std::string_view(UtcText(*key.expires_at))) : insert.BindNull();
  insert.Bind(std::string_view(key.comment));
  insert.Bind(std::string_view(Now()));
  insert.Bind(std::string_view(context_->actor));
  BERTH_TRY(insert.Run());
  return NoteChange(key, "create");
}

Status SqliteTransaction::EnableAccessKey(std::string_view id, bool enabled) {
  BERTH_ASSIGN(const auto key, FindAccessKey(id));
  if (!key) return NoKey(id);
  BERTH_TRY(database_->Run(kEnable, id, enabled, Now(), context_->actor));
  return NoteChange(*key, enabled ? "enable" : "disable");
}

Status SqliteTransaction::DeleteAccessKey(std::string_view id) {
  BERTH_ASSIGN(const auto key, FindAccessKey(id));
  if (!key) return NoKey(id);
  BERTH_TRY(database_->Run(kDelete, id));
  return NoteChange(*key, "drop");
}

Status SqliteTransaction::NoteChange(const AccessKey& key, std::string_view action) {
  return Note(
      {.action = std::string(action), .object_type = "access key", .object_id = key.user_id, .object_name = key.id});
}

Result<Secret> SqliteTransaction::OpenAccessKey(const AccessKey& key) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kRowId, key.id));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return NoKey(key.id);
  BERTH_ASSIGN(const auto texts, FindSealedText(*database_, SealedPlace::kAccessKey, row.Integer(0)));
  if (texts.empty()) return NoKey(key.id);
  return OpenText(texts.front());
}

Status SqliteTransaction::NoteKeyUse(std::string_view id, Clock::Wall at) {
  BERTH_TRY(Ready());
  return database_->Run(kNoteUse, id, UtcText(at));
}

}  // namespace berth::catalog
