#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "catalog/utc.h"
#include "engine/service_statements.h"

namespace berth::engine {
namespace {

using Row = std::vector<std::optional<std::string>>;
constexpr auto kNumber = ValueKind::kInteger;

void AddStamp(const catalog::Stamp& stamp, Row& row) {
  for (const auto* text : {&stamp.created_at, &stamp.created_by, &stamp.modified_at, &stamp.modified_by})
    row.emplace_back(*text);
}

void AddStampColumns(Listing& listing) {
  for (const std::string_view name : {"created_at", "created_by", "modified_at", "modified_by"})
    listing.columns.push_back({name});
}

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> Cell(const std::optional<std::int32_t>& count) {
  return count ? std::optional(std::to_string(*count)) : std::nullopt;
}

std::string StateOf(const catalog::AccessKey& key, Clock::Wall now) {
  if (!key.enabled) return "disabled";
  return key.Live(now) ? "live" : "expired";
}

}  // namespace

Result<Listing> ServiceUsersListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {
      {"name"}, {"admin", ValueKind::kBoolean}, {"live_keys", kNumber}, {"connections", kNumber}, {"comment"}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto users, scope.transaction.ListServiceUsers());
  BERTH_ASSIGN(const auto keys, scope.transaction.ListAccessKeys());
  BERTH_ASSIGN(const auto grants, scope.transaction.ListGrants());
  const auto now = scope.shared.clock.WallNow();
  for (const auto& user : users) {
    const auto live = std::count_if(keys.begin(), keys.end(),
                                    [&](const auto& key) { return key.user_id == user.id && key.Live(now); });
    const auto granted =
        std::count_if(grants.begin(), grants.end(), [&](const auto& grant) { return grant.user_id == user.id; });
    Row row = {user.name, user.admin ? "t" : "f", std::to_string(live), std::to_string(granted),
               NullIfEmpty(user.comment)};
    AddStamp(user.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Result<Listing> AccessKeysListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"access_key_id"}, {"service_user"}, {"state"}, {"expires_at"}, {"last_used_at"}, {"comment"}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto keys, scope.transaction.ListAccessKeys());
  const auto now = scope.shared.clock.WallNow();
  for (const auto& key : keys) {
    Row row = {key.id,
               key.user_name,
               StateOf(key, now),
               key.expires_at ? std::optional(catalog::UtcText(*key.expires_at)) : std::nullopt,
               key.last_used_at,
               NullIfEmpty(key.comment)};
    AddStamp(key.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Result<Listing> GrantsListing(CatalogScope& scope) {
  Listing listing;
  listing.columns = {{"connection"}, {"service_user"}, {"max_active", kNumber}, {"max_concurrent", kNumber}};
  AddStampColumns(listing);
  BERTH_ASSIGN(const auto grants, scope.transaction.ListGrants());
  for (const auto& grant : grants) {
    Row row = {grant.connection_name, grant.user_name, Cell(grant.max_active), Cell(grant.max_concurrent)};
    AddStamp(grant.stamp, row);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

}  // namespace berth::engine
