#include <fmt/core.h>

#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/seal.h"
#include "catalog/sqlite_transaction.h"

// The sealed passwords of connections.
namespace berth::catalog {
namespace {

constexpr std::string_view kSealedRow =
    "SELECT id, name, connection_string, host, user_name, password_sealed FROM connections"
    " WHERE id = ? AND password_sealed IS NOT NULL";
constexpr std::string_view kOtherSealed =
    "SELECT name, password_sealed FROM connections WHERE password_sealed IS NOT NULL AND id <> ? ORDER BY id DESC "
    "LIMIT 1";

constexpr std::string_view kKeyHint =
    "Put that key file back, or name it with BERTH_KEY_FILE. If it is lost, give the connections that were sealed with "
    "it "
    "PASSWORD ENV or FILE, or drop them.";

Error KeyMissing(const std::string& file, std::string_view connection, std::string_view fingerprint) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The key file {} is missing; the password of connection {} is sealed with key {}",
                                 file, base::QuoteIdentifier(connection), fingerprint),
          .hint = std::string(kKeyHint)};
}

Error OtherKey(const std::string& file, const Secret& key, std::string_view connection, std::string_view fingerprint) {
  return {
      .code = ErrorCode::kFailedPrecondition,
      .message = fmt::format("The key file {} holds key {}; the password of connection {} is sealed with key {}", file,
                             base::KeyFingerprint(key.Reveal()), base::QuoteIdentifier(connection), fingerprint),
      .hint = std::string(kKeyHint)};
}

Error Edited(const std::string& path, std::string_view connection) {
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("The password of connection {} does not open: its row in the catalog {} was edited",
                                 base::QuoteIdentifier(connection), path),
          .detail = "A sealed password is bound to the connection's id, URL, host and user.",
          .hint = "If the change was meant, set the password again with ALTER REDSHIFT CONNECTION."};
}

Error NotLiteral(const Connection& connection) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("Connection {} has no stored password", base::QuoteIdentifier(connection.name))};
}

}  // namespace

struct SqliteTransaction::SealedRow {
  std::int64_t id = 0;
  std::string name, connection_string, host, user_name, sealed;

  SealedFor whose() const {
    return {.connection_id = id, .connection_string = connection_string, .host = host, .user_name = user_name};
  }
  bool SameLogin(const Connection& connection) const {
    return connection.connection_string == connection_string && connection.host == host &&
           connection.user_name == user_name;
  }
};

Result<std::optional<SqliteTransaction::SealedRow>> SqliteTransaction::ReadSealed(std::int64_t id) {
  BERTH_ASSIGN(auto row, database_->Query(kSealedRow, id));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<SealedRow>();
  return std::optional<SealedRow>(SealedRow{.id = row.Integer(0),
                                            .name = row.Text(1),
                                            .connection_string = row.Text(2),
                                            .host = row.Text(3),
                                            .user_name = row.Text(4),
                                            .sealed = row.Text(5)});
}

Result<Secret> SqliteTransaction::OpenRow(const SealedRow& row) {
  const auto fingerprint = FingerprintIn(row.sealed);
  if (fingerprint.empty()) return Edited(context_->path, row.name);
  BERTH_ASSIGN(const auto keys, ReadKeys(context_->key_file));
  if (keys.empty()) return KeyMissing(context_->key_file, row.name, fingerprint);
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), row.name, fingerprint);
  auto password = OpenSealed(*key, row.whose(), row.sealed);
  if (!password) return Edited(context_->path, row.name);
  return *std::move(password);
}

Result<Secret> SqliteTransaction::OpenPassword(const Connection& connection) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto row, ReadSealed(connection.id));
  if (!row) return NotLiteral(connection);
  // The password of what the row says now must not go to where it said before.
  if (!row->SameLogin(connection)) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = fmt::format("Connection {} was changed meanwhile", base::QuoteIdentifier(connection.name)),
                 .hint = "Run the statement again."};
  }
  return OpenRow(*row);
}

// One catalog has one key: a second one would be found out only when the first is gone. So the key is that of the
// newest sealed row, which must be in the key file (a change of the key that was cut off may have put a newer one in
// front of it), and none is made where rows are sealed already.
Result<Secret> SqliteTransaction::KeyForSealing(const Connection& connection) {
  std::string name, sealed;
  {
    BERTH_ASSIGN(auto other, database_->Query(kOtherSealed, connection.id));
    BERTH_ASSIGN(const bool found, other.Step());
    if (found) {
      name = other.Text(0);
      sealed = other.Text(1);
    }
  }
  const auto fingerprint = FingerprintIn(sealed);
  BERTH_ASSIGN(auto keys, ReadKeys(context_->key_file));
  if (keys.empty()) {
    if (!fingerprint.empty()) return KeyMissing(context_->key_file, name, fingerprint);
    return MakeKey(context_->key_file);
  }
  if (fingerprint.empty()) return std::move(keys.front());
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), name, fingerprint);
  return *key;
}

Result<std::string> SqliteTransaction::SealFor(const Connection& connection, const Secret& literal) {
  BERTH_ASSIGN(const Secret key, KeyForSealing(connection));
  return SealPassword(key,
                      {.connection_id = connection.id,
                       .connection_string = connection.connection_string,
                       .host = connection.host,
                       .user_name = connection.user_name},
                      literal);
}

Result<std::string> SqliteTransaction::KeepSealed(const Connection& connection) {
  BERTH_ASSIGN(auto row, ReadSealed(connection.id));
  if (!row) return NotLiteral(connection);
  if (row->SameLogin(connection)) return std::move(row->sealed);
  BERTH_ASSIGN(const Secret password, OpenRow(*row));
  return SealFor(connection, password);
}

}  // namespace berth::catalog
