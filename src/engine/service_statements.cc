#include "engine/service_statements.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "bind/service_options.h"
#include "catalog/utc.h"
#include "engine/catalog_statements.h"
#include "engine/if_not_exists.h"
#include "engine/like.h"
#include "engine/memory_rows.h"
#include "engine/names.h"

namespace berth::engine {
namespace {

constexpr const char* kAlteredUser = "ALTER SERVICE USER";
constexpr std::string_view kKeyIdBegins = "BRTH";
constexpr std::size_t kKeyIdRandom = 16;        // letters and digits of an id after that: 80 bits
constexpr std::size_t kSecretRandomBytes = 30;  // 40 characters as base64, as those of AWS have

std::string Named(const std::string& user) {
  return "service user " + base::QuoteIdentifier(user);
}

// No 0, 1, 8 and 9, which are read as letters.
std::string NewKeyId() {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id(kKeyIdBegins);
  for (const char byte : base::RandomBytes(kKeyIdRandom)) id += kDigits[static_cast<unsigned char>(byte) % 32U];
  return id;
}

Error NoSuchKey(const parser::Identifier& key) {
  return {.code = ErrorCode::kNotFound,
          .message = fmt::format("access key {} does not exist", key.name),
          .hint = "SHOW ACCESS KEYS lists those that there are.",
          .span = key.span};
}

Result<catalog::AccessKey> RequireKey(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindAccessKey(name.name));
  if (!found) return NoSuchKey(name);
  return *std::move(found);
}

Result<std::vector<catalog::AccessKey>> KeysOf(catalog::Transaction& transaction, std::int64_t user_id) {
  BERTH_ASSIGN(auto keys, transaction.ListAccessKeys());
  std::erase_if(keys, [user_id](const catalog::AccessKey& key) { return key.user_id != user_id; });
  return keys;
}

// Whether the user may have one more key that signs.
Status CheckRoom(const std::vector<catalog::AccessKey>& keys, const std::string& user, parser::Span span,
                 Clock::Wall now) {
  std::string live;
  std::size_t count = 0;
  for (const auto& key : keys) {
    if (!key.Live(now)) continue;
    ++count;
    live += fmt::format("{}access key {}", live.empty() ? "" : "\n", key.id);
  }
  if (count < kLiveKeysMax) return {};
  return Error{.code = ErrorCode::kLimitExceeded,
               .message = fmt::format("{} has {} live access keys, which is the most", Named(user), count),
               .detail = std::move(live),
               .hint =
                   "DISABLE or DROP ACCESS KEY the one that is no longer used: two are for changing from one to the "
                   "other.",
               .span = span};
}

Result<std::optional<Clock::Wall>> EndOf(const bind::AccessKeyOptions& options, Clock::Wall now) {
  if (options.expires_in) return std::optional(now + *options.expires_in);
  if (!options.expires_at) return std::optional<Clock::Wall>();
  const auto end = catalog::WallOf(*options.expires_at);
  if (end && *end > now) return end;
  return Error{
      .code = ErrorCode::kInvalidArgument,
      .message = end ? std::string("EXPIRES is a time that has passed")
                     : fmt::format("EXPIRES takes a duration or a time, up to the year {}", catalog::kUtcYearMax),
      .hint = "Write EXPIRES = 90 DAYS, or EXPIRES = '2027-01-31T12:00:00Z' (in UTC).",
      .span = options.expires_span};
}

// The rows of a listing whose `column` is that text; nullopt: all.
void Keep(Listing& listing, std::size_t column, const std::optional<std::string>& text) {
  if (!text) return;
  std::erase_if(listing.rows, [&](const auto& row) { return row[column] != *text; });
}

}  // namespace

Result<Outcome> Run(const parser::CreateServiceUser& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto options, bind::BindServiceUser(statement.options));
  const catalog::ServiceUser wanted{
      .name = statement.name.name, .admin = options.admin.value_or(false), .comment = options.comment.value_or("")};
  BERTH_ASSIGN(const auto found, scope.transaction.FindServiceUser(wanted.name));
  if (found && statement.if_not_exists) {
    std::string differing = found->admin == wanted.admin ? "" : "ADMIN";
    if (found->comment != wanted.comment) differing += differing.empty() ? "COMMENT" : ", COMMENT";
    return LeaveAsItIs({.named = Named(found->name),
                        .differing = std::move(differing),
                        .tag = "CREATE SERVICE USER",
                        .span = statement.name.span,
                        .changed_by = "ALTER SERVICE USER"},
                       scope.settings, scope.notices);
  }
  BERTH_ASSIGN(const auto existing, scope.transaction.FindServiceUserLike(wanted.name));
  BERTH_TRY(CheckNewName("service user", statement.name, existing,
                         "ALTER SERVICE USER changes it, IF NOT EXISTS leaves it as it is."));
  BERTH_ASSIGN(const auto inserted, scope.transaction.InsertServiceUser(wanted));
  static_cast<void>(inserted);
  return Command("CREATE SERVICE USER");
}

Result<Outcome> Run(const parser::AlterServiceUser& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindServiceUser(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchServiceUser(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command(kAlteredUser);
  }
  const auto* const set = std::get_if<parser::AlterConnectionSet>(&statement.change);
  BERTH_ASSIGN(const auto options,
               set != nullptr ? bind::BindServiceUser(set->options)
                              : bind::BindServiceUserUnset(std::get<parser::AlterConnectionUnset>(statement.change)));
  auto wanted = *found;
  wanted.admin = options.admin.value_or(wanted.admin);
  wanted.comment = options.comment.value_or(wanted.comment);
  if (wanted.admin == found->admin && wanted.comment == found->comment) {
    TellNoChange(scope.notices, Named(found->name) + " is defined so.");
    return Command(kAlteredUser);
  }
  BERTH_TRY(scope.transaction.UpdateServiceUser(wanted));
  return Command(kAlteredUser);
}

Result<Outcome> Run(const parser::DropServiceUser& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindServiceUser(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchServiceUser(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command("DROP SERVICE USER");
  }
  BERTH_ASSIGN(const auto keys, KeysOf(scope.transaction, found->id));
  BERTH_ASSIGN(auto grants, scope.transaction.ListGrants());
  std::erase_if(grants, [&](const catalog::Grant& grant) { return grant.user_id != found->id; });
  BERTH_TRY(scope.transaction.DeleteServiceUser(found->id));
  if (!keys.empty() || !grants.empty()) {
    std::string gone;
    for (const auto& key : keys) gone += fmt::format("{}access key {}", gone.empty() ? "" : "\n", key.id);
    for (const auto& grant : grants) {
      gone += fmt::format("{}usage of connection {}", gone.empty() ? "" : "\n",
                          base::QuoteIdentifier(grant.connection_name));
    }
    Tell(scope.notices, "NOTICE",
         fmt::format("{} access keys and {} grants went with {}", keys.size(), grants.size(), Named(found->name)),
         std::move(gone));
  }
  return Command("DROP SERVICE USER");
}

Result<catalog::AccessKey> PlanAccessKey(const parser::CreateAccessKey& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto user, RequireServiceUser(scope.transaction, statement.user));
  BERTH_ASSIGN(const auto options, bind::BindAccessKey(statement.options));
  const auto now = scope.shared.clock.WallNow();
  BERTH_ASSIGN(const auto keys, KeysOf(scope.transaction, user.id));
  BERTH_TRY(CheckRoom(keys, user.name, statement.user.span, now));
  if (keys.size() >= kKeysOfUserMax) {
    return Error{
        .code = ErrorCode::kLimitExceeded,
        .message = fmt::format("{} has {} access keys, disabled and expired ones among them, which is the most",
                               Named(user.name), keys.size()),
        .hint = "DROP ACCESS KEY those that are no longer used; SHOW ACCESS KEYS lists them.",
        .span = statement.user.span};
  }
  catalog::AccessKey key{.id = {}, .user_id = user.id, .user_name = user.name};
  BERTH_ASSIGN(key.expires_at, EndOf(options, now));
  key.comment = options.comment.value_or("");
  return key;
}

Result<Outcome> Run(const parser::CreateAccessKey& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto key, PlanAccessKey(statement, scope));
  key.id = NewKeyId();
  std::string secret = base::EncodeBase64(base::RandomBytes(kSecretRandomBytes));
  BERTH_TRY(scope.transaction.InsertAccessKey(key, Secret(secret)));
  RowsBuilder rows({"access_key_id", "secret_access_key", "service_user", "expires_at"});
  rows.Add({key.id, std::move(secret), key.user_name,
            key.expires_at ? std::optional(catalog::UtcText(*key.expires_at)) : std::nullopt});
  Tell(scope.notices, "NOTICE", "the secret is shown this once", {},
       "Give both to the client as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  return rows.Build("CREATE ACCESS KEY");
}

Result<Outcome> Run(const parser::EnableAccessKey& statement, CatalogScope& scope) {
  const char* const tag = statement.enable ? "ENABLE ACCESS KEY" : "DISABLE ACCESS KEY";
  BERTH_ASSIGN(auto key, RequireKey(scope.transaction, statement.key));
  if (key.enabled == statement.enable) {
    TellNoChange(scope.notices,
                 fmt::format("access key {} is {} already.", key.id, key.enabled ? "enabled" : "disabled"));
    return Command(tag);
  }
  const auto now = scope.shared.clock.WallNow();
  key.enabled = statement.enable;
  if (key.Live(now)) {
    BERTH_ASSIGN(const auto keys, KeysOf(scope.transaction, key.user_id));
    BERTH_TRY(CheckRoom(keys, key.user_name, statement.key.span, now));
  }
  BERTH_TRY(scope.transaction.EnableAccessKey(key.id, key.enabled));
  return Command(tag);
}

Result<Outcome> Run(const parser::DropAccessKey& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindAccessKey(statement.key.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchKey(statement.key);
    TellNoChange(scope.notices, fmt::format("access key {} does not exist.", statement.key.name));
    return Command("DROP ACCESS KEY");
  }
  BERTH_TRY(scope.transaction.DeleteAccessKey(found->id));
  return Command("DROP ACCESS KEY");
}

Result<Outcome> Run(const parser::GrantUsage& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, statement.connection));
  BERTH_ASSIGN(const auto user, RequireServiceUser(scope.transaction, statement.user));
  BERTH_ASSIGN(const auto limits, bind::BindGrantLimits(statement.limits));
  BERTH_TRY(scope.transaction.PutGrant({.connection_id = connection.id,
                                        .user_id = user.id,
                                        .connection_name = connection.name,
                                        .user_name = user.name,
                                        .max_active = limits.max_active,
                                        .max_concurrent = limits.max_concurrent}));
  return Command("GRANT");
}

Result<Outcome> Run(const parser::RevokeUsage& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, statement.connection));
  BERTH_ASSIGN(const auto user, RequireServiceUser(scope.transaction, statement.user));
  BERTH_ASSIGN(const bool was, scope.transaction.DeleteGrant(connection.id, user.id));
  if (!was) {
    TellNoChange(scope.notices, fmt::format("{} had no usage of connection {}.", Named(user.name),
                                            base::QuoteIdentifier(connection.name)));
  }
  return Command("REVOKE");
}

Result<Outcome> Run(const parser::ShowServiceUsers& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto listing, ServiceUsersListing(scope));
  if (statement.like)
    std::erase_if(listing.rows, [&](const auto& row) { return !MatchesLike(*row[0], *statement.like); });
  return RowsOf(std::move(listing));
}

Result<Outcome> Run(const parser::ShowAccessKeys& statement, CatalogScope& scope) {
  std::optional<std::string> of;
  if (statement.user) {
    BERTH_ASSIGN(const auto user, RequireServiceUser(scope.transaction, *statement.user));
    of = user.name;
  }
  BERTH_ASSIGN(auto listing, AccessKeysListing(scope));
  Keep(listing, 1, of);
  return RowsOf(std::move(listing));
}

Result<Outcome> Run(const parser::ShowGrants& statement, CatalogScope& scope) {
  std::optional<std::string> on;
  std::optional<std::string> to;
  if (statement.connection) {
    BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, *statement.connection));
    on = connection.name;
  }
  if (statement.user) {
    BERTH_ASSIGN(const auto user, RequireServiceUser(scope.transaction, *statement.user));
    to = user.name;
  }
  BERTH_ASSIGN(auto listing, GrantsListing(scope));
  Keep(listing, 0, on);
  Keep(listing, 1, to);
  return RowsOf(std::move(listing));
}

}  // namespace berth::engine
