#include <fmt/core.h>

#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/sealed_texts.h"
#include "catalog/sqlite_transaction.h"

// The sealed passwords of connections, and what they share with the other sealed texts.
namespace berth::catalog {
namespace {

constexpr std::string_view kKeyHint =
    "Put that key file back, or name it with BERTH_KEY_FILE. If it is lost, give the connections that were sealed with "
    "it "
    "PASSWORD ENV or FILE, or drop them.";

Error KeyMissing(const std::string& file, const SealedText& text, std::string_view fingerprint) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message =
              fmt::format("The key file {} is missing; the {} is sealed with key {}", file, text.Shown(), fingerprint),
          .hint = std::string(kKeyHint)};
}

Error OtherKey(const std::string& file, const Secret& key, const SealedText& text, std::string_view fingerprint) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The key file {} holds key {}; the {} is sealed with key {}", file,
                                 base::KeyFingerprint(key.Reveal()), text.Shown(), fingerprint),
          .hint = std::string(kKeyHint)};
}

Error Edited(const std::string& path, const SealedText& text) {
  const bool password = text.place == SealedPlace::kPassword || text.place == SealedPlace::kNextPassword;
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("The {} does not open: its row in the catalog {} was edited", text.Shown(), path),
          .detail = password ? "A sealed password is bound to the connection's id, URL, host and user."
                    : text.place == SealedPlace::kSecret ? "A sealed value is bound to the secret's id."
                                                         : "A sealed secret is bound to the key's id and its user.",
          .hint = fmt::format("If the change was meant, {}.", text.Remedy())};
}

Error NotLiteral(const Connection& connection) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("Connection {} has no stored password", base::QuoteIdentifier(connection.name))};
}

bool SameLogin(const SealedText& text, const Connection& connection) {
  return connection.connection_string == text.connection_string && connection.host == text.host &&
         connection.user_name == text.user_name;
}

std::string BoundOf(const Connection& connection) {
  return BoundTo({.connection_id = connection.id,
                  .connection_string = connection.connection_string,
                  .host = connection.host,
                  .user_name = connection.user_name});
}

}  // namespace

Result<Secret> SqliteTransaction::OpenText(const SealedText& text) {
  const auto fingerprint = FingerprintIn(text.sealed);
  if (fingerprint.empty()) return Edited(context_->path, text);
  BERTH_ASSIGN(auto keys, ReadKeys(context_->key_file));
  if (keys.empty() && rehearsal_key_) keys.push_back(*rehearsal_key_);
  if (keys.empty()) return KeyMissing(context_->key_file, text, fingerprint);
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), text, fingerprint);
  auto password = OpenSealed(*key, text.bound_to(), text.sealed);
  if (!password) return Edited(context_->path, text);
  return *std::move(password);
}

Result<Secret> SqliteTransaction::OpenOf(const Connection& connection, SealedPlace place) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto found, FindSealedText(*database_, place, connection.id));
  if (found.empty()) return NotLiteral(connection);
  // The password of what the row says now must not go to where it said before.
  if (!SameLogin(found.front(), connection)) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = fmt::format("Connection {} was changed meanwhile", base::QuoteIdentifier(connection.name)),
                 .hint = "Run the statement again."};
  }
  return OpenText(found.front());
}

Result<Secret> SqliteTransaction::OpenPassword(const Connection& connection) {
  return OpenOf(connection, SealedPlace::kPassword);
}

Result<Secret> SqliteTransaction::OpenNextPassword(const Connection& connection) {
  return OpenOf(connection, SealedPlace::kNextPassword);
}

Result<Secret> SqliteTransaction::OpenSecret(std::int64_t id) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(const auto found, FindSealedText(*database_, SealedPlace::kSecret, id));
  if (!found.empty()) return OpenText(found.front());
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = fmt::format("The catalog has no stored value of a secret with the id {}", id)};
}

// One catalog has one key: a second one would be found out only when the first is gone. So the key is that of the
// newest sealed text, which must be in the key file (a change of the key that was cut off may have put a newer one in
// front of it), and none is made where texts are sealed already.
Result<Secret> SqliteTransaction::KeyForSealing(SealedPlace place, std::int64_t id) {
  BERTH_ASSIGN(const auto others, OtherSealedText(*database_, place, id));
  const auto fingerprint = others.empty() ? std::string_view() : FingerprintIn(others.front().sealed);
  BERTH_ASSIGN(auto keys, ReadKeys(context_->key_file));
  if (keys.empty()) {
    if (!fingerprint.empty()) return KeyMissing(context_->key_file, others.front(), fingerprint);
    if (!rehearsing_) return MakeKey(context_->key_file);
    if (!rehearsal_key_) rehearsal_key_ = base::RandomKey();
    return *rehearsal_key_;
  }
  if (fingerprint.empty()) return std::move(keys.front());
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return OtherKey(context_->key_file, keys.front(), others.front(), fingerprint);
  return *key;
}

Result<std::string> SqliteTransaction::SealFor(const Connection& connection, const Secret& literal, SealedPlace place) {
  BERTH_ASSIGN(const Secret key, KeyForSealing(place, connection.id));
  return SealSecret(key, BoundOf(connection), literal);
}

Result<std::string> SqliteTransaction::KeepSealed(const Connection& connection, SealedPlace place) {
  BERTH_ASSIGN(auto found, FindSealedText(*database_, place, connection.id));
  if (found.empty()) return NotLiteral(connection);
  if (SameLogin(found.front(), connection)) return std::move(found.front().sealed);
  BERTH_ASSIGN(const Secret password, OpenText(found.front()));
  return SealFor(connection, password, place);
}

}  // namespace berth::catalog
