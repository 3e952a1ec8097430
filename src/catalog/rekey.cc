#include "catalog/rekey.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/seal.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kSealed =
    "SELECT id, name, connection_string, host, user_name, password_sealed FROM connections"
    " WHERE password_sealed IS NOT NULL ORDER BY id";
constexpr std::string_view kSealAgain = "UPDATE connections SET password_sealed = ? WHERE id = ?";

struct SealedPassword {
  std::int64_t id = 0;
  std::string name, connection_string, host, user_name, sealed;
  Secret password;

  SealedFor whose() const {
    return {.connection_id = id, .connection_string = connection_string, .host = host, .user_name = user_name};
  }
};

Error DoesNotOpen(const std::string& name) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The password of connection {} does not open: the key was not changed",
                                 base::QuoteIdentifier(name)),
          .hint = "berth check says what is wrong with it."};
}

Result<std::vector<SealedPassword>> OpenAll(sqlite::Database& database, const std::vector<Secret>& keys) {
  std::vector<SealedPassword> passwords;
  BERTH_ASSIGN(auto rows, database.Query(kSealed));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return passwords;
    SealedPassword one{.id = rows.Integer(0),
                       .name = rows.Text(1),
                       .connection_string = rows.Text(2),
                       .host = rows.Text(3),
                       .user_name = rows.Text(4),
                       .sealed = rows.Text(5)};
    const Secret* const key = FindKey(keys, FingerprintIn(one.sealed));
    auto password = key == nullptr ? std::nullopt : OpenSealed(*key, one.whose(), one.sealed);
    if (!password) return DoesNotOpen(one.name);
    one.password = *std::move(password);
    passwords.push_back(std::move(one));
  }
}

Status SealAll(sqlite::Database& database, const Secret& key, const std::vector<SealedPassword>& passwords) {
  for (const auto& one : passwords) {
    BERTH_ASSIGN(const auto sealed, SealPassword(key, one.whose(), one.password));
    BERTH_ASSIGN(auto update, database.Prepare(kSealAgain));
    update.BindBlob(sealed);
    update.Bind(one.id);
    BERTH_TRY(update.Run());
  }
  return {};
}

Result<RekeyReport> ChangeKeyIn(sqlite::Database& database, const CatalogContext& context) {
  BERTH_TRY(database.BeginWrite());  // nothing is sealed by others from here on
  BERTH_ASSIGN(auto keys, ReadKeys(context.key_file));
  if (keys.empty()) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = fmt::format("There is no key file {} whose key could be changed", context.key_file),
                 .hint = "It is made with the first literal password; BERTH_KEY_FILE names one elsewhere."};
  }
  BERTH_ASSIGN(const auto passwords, OpenAll(database, keys));
  const auto newest = base::KeyFingerprint(keys.front().Reveal());
  RekeyReport report{.passwords = static_cast<std::int64_t>(passwords.size())};
  report.resumed = keys.size() > 1 && std::any_of(passwords.begin(), passwords.end(), [&](const SealedPassword& one) {
                     return FingerprintIn(one.sealed) != newest;
                   });
  if (!report.resumed) {
    keys.insert(keys.begin(), base::RandomKey());
    if (keys.size() > kKeysMax) keys.resize(kKeysMax);
    BERTH_TRY(ReplaceKeys(context.key_file, keys));
  }
  BERTH_TRY(SealAll(database, keys.front(), passwords));
  BERTH_TRY(database.Commit());
  report.key = base::KeyFingerprint(keys.front().Reveal());
  log::Info("the catalog's key is {} now ({})", report.key, context.key_file);
  return report;
}

}  // namespace

Result<RekeyReport> ChangeKey(const CatalogContext& context, Deadline deadline) {
  BERTH_ASSIGN(auto database, context.handles->Open(deadline));
  auto report = ChangeKeyIn(*database, context);
  if (!report.ok() && database->InTransaction()) database->Rollback();
  return report;
}

}  // namespace berth::catalog
