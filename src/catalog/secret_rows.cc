#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/sealed_texts.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"

namespace berth::catalog {
namespace {

#define BERTH_SECRET_COLUMNS "id, version, name, kind, reference, created_at, created_by, modified_at, modified_by"
constexpr std::string_view kFind =
    "SELECT " BERTH_SECRET_COLUMNS " FROM secrets WHERE name_folded = lower(?1) AND name = ?1";
constexpr std::string_view kFindById = "SELECT " BERTH_SECRET_COLUMNS " FROM secrets WHERE id = ?";
constexpr std::string_view kList = "SELECT " BERTH_SECRET_COLUMNS " FROM secrets ORDER BY name";
#undef BERTH_SECRET_COLUMNS
constexpr std::string_view kFindLike = "SELECT name FROM secrets WHERE name_folded = lower(?)";
constexpr std::string_view kTaken = "SELECT name FROM secrets WHERE name_folded = lower(?) AND id <> ?";
constexpr std::string_view kNextId = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'secrets'), 0) + 1";
constexpr std::string_view kInsert =
    "INSERT INTO secrets (id, name, kind, reference, sealed, version, created_at, created_by, modified_at, modified_by)"
    " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7)";
constexpr std::string_view kUpdate =
    "UPDATE secrets SET name = ?2, kind = ?3, reference = ?4, sealed = ?5, modified_at = ?6, modified_by = ?7,"
    " version = version + 1 WHERE id = ?1";
constexpr std::string_view kTellUsers =
    "UPDATE connections SET version = version + 1, login_version = login_version + ?2"
    " WHERE secret_id = ?1 AND password_kind = 'prompt'";
// An older program may have given a connection another password without knowing of its secret.
constexpr std::string_view kForgetStale =
    "UPDATE connections SET secret_id = NULL WHERE secret_id = ? AND password_kind <> 'prompt'";
constexpr std::string_view kDelete = "DELETE FROM secrets WHERE id = ?";

StoredSecret RowOf(const sqlite::Statement& row) {
  return {.id = row.Integer(0),
          .version = row.Integer(1),
          .name = row.Text(2),
          .kind = PasswordKindOf(row.Text(3)),
          .reference = row.Text(4),
          .stamp = {.created_at = row.Text(5),
                    .created_by = row.Text(6),
                    .modified_at = row.Text(7),
                    .modified_by = row.Text(8)}};
}

// Parameters 1 to 7 of kInsert and kUpdate.
void BindColumns(sqlite::Statement& statement, const StoredSecret& secret, std::string_view sealed) {
  const bool literal = secret.kind == PasswordKind::kLiteral;
  statement.Bind(secret.id);
  statement.Bind(std::string_view(secret.name));
  statement.Bind(PasswordKindName(secret.kind));
  const bool no_reference = literal || secret.kind == PasswordKind::kPrompt;
  no_reference ? statement.BindNull() : statement.Bind(std::string_view(secret.reference));
  literal ? statement.BindBlob(sealed) : statement.BindNull();
}

Result<std::optional<StoredSecret>> ReadOne(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto row, std::move(query));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<StoredSecret>();
  return std::optional<StoredSecret>(RowOf(row));
}

Status RefuseTaken(sqlite::Database& database, const StoredSecret& secret) {
  BERTH_ASSIGN(auto taken, database.Query(kTaken, std::string_view(secret.name), secret.id));
  BERTH_ASSIGN(const bool found, taken.Step());
  if (!found) return {};
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("Secret {} already exists", base::QuoteIdentifier(taken.Text(0)))};
}

}  // namespace

Result<std::optional<StoredSecret>> SqliteTransaction::FindSecret(std::string_view name) {
  BERTH_TRY(Ready());
  return ReadOne(database_->Query(kFind, name));
}

Result<std::optional<std::string>> SqliteTransaction::FindSecretLike(std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto row, database_->Query(kFindLike, name));
  BERTH_ASSIGN(const bool found, row.Step());
  return found ? std::optional<std::string>(row.Text(0)) : std::nullopt;
}

Result<std::vector<StoredSecret>> SqliteTransaction::ListSecrets() {
  BERTH_TRY(Ready());
  std::vector<StoredSecret> secrets;
  BERTH_ASSIGN(auto rows, database_->Query(kList));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return secrets;
    secrets.push_back(RowOf(rows));
  }
}

Result<std::string> SqliteTransaction::SealValue(std::int64_t id, const Secret& literal) {
  BERTH_ASSIGN(const Secret key, KeyForSealing(SealedPlace::kSecret, id));
  return SealSecret(key, BoundToSecret(id), literal);
}

Result<StoredSecret> SqliteTransaction::InsertSecret(StoredSecret secret, const Secret& literal) {
  BERTH_TRY(Ready());
  secret.id = 0;
  BERTH_TRY(RefuseTaken(*database_, secret));
  BERTH_ASSIGN(auto next, database_->Query(kNextId));
  BERTH_TRY(next.Step());
  secret.id = next.Integer(0);  // now, because the seal is bound to it
  std::string sealed;
  if (secret.kind == PasswordKind::kLiteral) {
    BERTH_ASSIGN(sealed, SealValue(secret.id, literal));
  }
  BERTH_ASSIGN(auto insert, database_->Prepare(kInsert));
  BindColumns(insert, secret, sealed);
  insert.Bind(Now());
  insert.Bind(context_->actor);
  BERTH_TRY(insert.Run());
  BERTH_TRY(NoteChange(secret, "create", {}));
  BERTH_ASSIGN(auto stored, ReadOne(database_->Query(kFindById, secret.id)));
  return *std::move(stored);
}

Result<StoredSecret> SqliteTransaction::UpdateSecret(StoredSecret secret, const Secret* literal) {
  BERTH_TRY(Ready());
  BERTH_TRY(RefuseTaken(*database_, secret));
  BERTH_ASSIGN(const auto old, ReadOne(database_->Query(kFindById, secret.id)));
  if (!old) return NoSuchRow("secret", secret.id);
  std::string sealed;
  if (secret.kind == PasswordKind::kLiteral) {
    if (literal != nullptr) {
      BERTH_ASSIGN(sealed, SealValue(secret.id, *literal));
    } else {
      BERTH_ASSIGN(auto found, FindSealedText(*database_, SealedPlace::kSecret, secret.id));
      if (!found.empty()) sealed = std::move(found.front().sealed);
    }
  }
  BERTH_ASSIGN(auto update, database_->Prepare(kUpdate));
  BindColumns(update, secret, sealed);
  update.Bind(Now());
  update.Bind(context_->actor);
  BERTH_TRY(update.Run());
  BERTH_TRY(database_->Run(kTellUsers, secret.id, literal != nullptr ? 1 : 0));
  const bool renamed = old->name != secret.name;
  BERTH_TRY(NoteChange(secret, renamed ? "rename" : "alter", literal != nullptr ? "VALUE" : std::string_view()));
  BERTH_ASSIGN(auto stored, ReadOne(database_->Query(kFindById, secret.id)));
  return *std::move(stored);
}

Status SqliteTransaction::DeleteSecret(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto old, ReadOne(database_->Query(kFindById, id)));
  if (!old) return NoSuchRow("secret", id);
  BERTH_TRY(database_->Run(kForgetStale, id));
  if (Status status = database_->Run(kDelete, id); !status.ok()) {
    Error error = std::move(status).TakeError();
    if (error.code == ErrorCode::kDependentsExist) {
      error.message = fmt::format("Secret {} is still used", base::QuoteIdentifier(old->name));
    }
    return error;
  }
  return NoteChange(*old, "drop", {});
}

}  // namespace berth::catalog
