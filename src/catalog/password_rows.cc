#include <fmt/core.h>

#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/seal.h"
#include "catalog/sealed_rows.h"
#include "catalog/sqlite_transaction.h"

// The sealed passwords of connections, and what they share with the secrets of access keys.
namespace berth::catalog {
namespace {

constexpr std::string_view kKeyHint =
    "Put that key file back, or name it with BERTH_KEY_FILE. If it is lost, give the connections that were sealed with "
    "it "
    "PASSWORD ENV or FILE, or drop them.";

Error KeyMissing(const std::string& file, const SealedRow& row) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The key file {} is missing; {} is sealed with key {}", file, row.What(),
                                 FingerprintIn(row.sealed)),
          .hint = std::string(kKeyHint)};
}

Error OtherKey(const std::string& file, const Secret& key, const SealedRow& row) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The key file {} holds key {}; {} is sealed with key {}", file,
                                 base::KeyFingerprint(key.Reveal()), row.What(), FingerprintIn(row.sealed)),
          .hint = std::string(kKeyHint)};
}

Error Edited(const std::string& path, const SealedRow& row) {
  auto what = row.What();
  what.front() = 'T';
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("{} does not open: its row in the catalog {} was edited", what, path),
          .detail = row.access_key ? "A sealed secret is bound to the key's id and its user."
                                   : "A sealed password is bound to the connection's id, URL, host and user.",
          .hint = row.access_key ? "Drop the key and make another one."
                                 : "If the change was meant, set the password again with ALTER REDSHIFT CONNECTION."};
}

Error NotLiteral(const Connection& connection) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("Connection {} has no stored password", base::QuoteIdentifier(connection.name))};
}

std::string BoundOf(const Connection& connection) {
  return BoundTo({.connection_id = connection.id,
                  .connection_string = connection.connection_string,
                  .host = connection.host,
                  .user_name = connection.user_name});
}

}  // namespace

Result<Secret> SqliteTransaction::OpenRow(const SealedRow& row) {
  const auto fingerprint = FingerprintIn(row.sealed);
  if (fingerprint.empty()) return Edited(context_->path, row);
  BERTH_ASSIGN(const auto keys, ReadKeys(context_->key_file));
  if (keys.empty()) return KeyMissing(context_->key_file, row);
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), row);
  auto secret = OpenSealed(*key, row.bound_to, row.sealed);
  if (!secret) return Edited(context_->path, row);
  return *std::move(secret);
}

Result<Secret> SqliteTransaction::OpenPassword(const Connection& connection) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto row, SealedRowOfConnection(*database_, connection.id));
  if (!row) return NotLiteral(connection);
  // The password of what the row says now must not go to where it said before.
  if (row->bound_to != BoundOf(connection)) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = fmt::format("Connection {} was changed meanwhile", base::QuoteIdentifier(connection.name)),
                 .hint = "Run the statement again."};
  }
  return OpenRow(*row);
}

// One catalog has one key: a second one would be found out only when the first is gone. So the key is that of the
// newest sealed row, which must be in the key file (a change of the key that was cut off may have put a newer one in
// front of it), and none is made where rows are sealed already.
Result<Secret> SqliteTransaction::KeyForSealing(std::int64_t but_connection) {
  BERTH_ASSIGN(const auto other, NewestSealedRow(*database_, but_connection));
  const auto fingerprint = other ? FingerprintIn(other->sealed) : std::string_view();
  BERTH_ASSIGN(auto keys, ReadKeys(context_->key_file));
  if (keys.empty()) {
    if (!fingerprint.empty()) return KeyMissing(context_->key_file, *other);
    return MakeKey(context_->key_file);
  }
  if (fingerprint.empty()) return std::move(keys.front());
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), *other);
  return *key;
}

Result<std::string> SqliteTransaction::SealFor(const Connection& connection, const Secret& literal) {
  BERTH_ASSIGN(const Secret key, KeyForSealing(connection.id));
  return SealSecret(key, BoundOf(connection), literal);
}

Result<std::string> SqliteTransaction::KeepSealed(const Connection& connection) {
  BERTH_ASSIGN(auto row, SealedRowOfConnection(*database_, connection.id));
  if (!row) return NotLiteral(connection);
  if (row->bound_to == BoundOf(connection)) return std::move(row->sealed);
  BERTH_ASSIGN(const Secret password, OpenRow(*row));
  return SealFor(connection, password);
}

}  // namespace berth::catalog
