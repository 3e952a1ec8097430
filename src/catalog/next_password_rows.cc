#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/process.h"
#include "base/try.h"
#include "catalog/sealed_texts.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"

// The second password of a connection.
namespace berth::catalog {
namespace {

constexpr std::string_view kSet =
    "UPDATE connections SET password_next_kind = ?2, password_next_reference = ?3, password_next_sealed = ?4,"
    " password_next_version = CASE WHEN ?2 IS NULL THEN NULL ELSE version + 1 END, rotation_pid = ?5,"
    " rotation_started = ?6, modified_at = ?7, modified_by = ?8, version = version + 1 WHERE id = ?1";
// A password that was a secret's is the connection's own from here on.
constexpr std::string_view kPromote =
    "UPDATE connections SET password_kind = password_next_kind, password_reference = password_next_reference,"
    " password_sealed = password_next_sealed, secret_id = NULL, password_next_kind = NULL,"
    " password_next_reference = NULL, password_next_sealed = NULL, password_next_version = NULL, rotation_pid = NULL,"
    " rotation_started = NULL, modified_at = ?3, modified_by = ?4, version = version + 1,"
    " login_version = login_version + 1 WHERE id = ?1 AND password_next_version = ?2";

}  // namespace

Status SqliteTransaction::StoreNextPassword(const Connection& connection, const NextPassword* next,
                                            const Secret& literal) {
  std::string sealed;
  const bool is_literal = next != nullptr && next->kind == PasswordKind::kLiteral;
  if (is_literal) {
    BERTH_ASSIGN(sealed, SealFor(connection, literal, SealedPlace::kNextPassword));
  }
  BERTH_ASSIGN(auto update, database_->Prepare(kSet));
  update.Bind(connection.id);
  next != nullptr ? update.Bind(PasswordKindName(next->kind)) : update.BindNull();
  next != nullptr && !is_literal ? update.Bind(std::string_view(next->reference)) : update.BindNull();
  is_literal ? update.BindBlob(sealed) : update.BindNull();
  const bool rotates = next != nullptr && next->rotation_pid != 0;
  rotates ? update.Bind(next->rotation_pid) : update.BindNull();
  rotates ? update.Bind(next->rotation_started) : update.BindNull();
  update.Bind(Now());
  update.Bind(context_->actor);
  return update.Run();
}

Status SqliteTransaction::SetNextPassword(std::int64_t connection_id, const NextPassword* next, const Secret& literal) {
  BERTH_ASSIGN(const auto connection, FindConnectionById(connection_id));
  if (!connection) return NoSuchRow("connection", connection_id);
  BERTH_TRY(StoreNextPassword(*connection, next, literal));
  if (noted_connection_ == connection_id) return {};  // part of the change that the statement has made already
  return NoteChange(*connection, "alter", "PASSWORD_NEXT");
}

Result<bool> SqliteTransaction::PromoteNextPassword(std::int64_t connection_id, std::int64_t next_version) {
  BERTH_ASSIGN(const auto connection, FindConnectionById(connection_id));
  if (!connection) return false;
  BERTH_TRY(database_->Run(kPromote, connection_id, next_version, std::string_view(Now()),
                           std::string_view(context_->actor)));
  if (database_->ChangedRows() == 0) return false;
  BERTH_TRY(NoteChange(*connection, "alter", "PASSWORD, PASSWORD_NEXT"));
  return true;
}

}  // namespace berth::catalog
