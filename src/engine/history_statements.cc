#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "engine/catalog_listings.h"
#include "engine/catalog_statements.h"
#include "engine/names.h"

namespace berth::engine {
namespace {

std::optional<std::string> NullIfEmpty(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// "user@host program": the part before and the part behind.
std::string UserOf(const std::string& actor) {
  return actor.substr(0, actor.find('@'));
}
std::string ProgramOf(const std::string& actor) {
  const auto space = actor.find(' ');
  return space == std::string::npos ? std::string() : actor.substr(space + 1);
}

void AddRow(const catalog::ChangeRow& change, Listing& listing) {
  listing.rows.push_back({std::to_string(change.id), change.changed_at, UserOf(change.changed_by),
                          NullIfEmpty(change.service_user), NullIfEmpty(ProgramOf(change.changed_by)), change.action,
                          change.object_type, change.object_name, NullIfEmpty(change.connection_name),
                          NullIfEmpty(change.options), NullIfEmpty(change.statement)});
}

Listing Empty() {
  Listing listing;
  listing.columns = {{"id", ValueKind::kInteger},
                     {"changed_at"},
                     {"unix_user"},
                     {"service_user"},
                     {"program"},
                     {"action"},
                     {"object_type"},
                     {"object_name"},
                     {"connection"},
                     {"options"},
                     {"statement"}};
  return listing;
}

Listing ListingOf(const std::vector<catalog::ChangeRow>& changes) {
  auto listing = Empty();
  for (const auto& change : changes) AddRow(change, listing);
  return listing;
}

}  // namespace

Result<Listing> HistoryListing(CatalogScope& scope) {
  BERTH_ASSIGN(const auto changes, scope.transaction.ListHistory(kHistoryRowsMax));
  return ListingOf(changes);
}

Result<Outcome> Run(const parser::ShowHistory& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto changes, scope.transaction.HistoryOf(statement.name.name, kHistoryRowsMax));
  if (changes.empty()) {
    BERTH_ASSIGN(const auto found, scope.transaction.FindConnection(statement.name.name));
    if (!found) return NoSuchConnection(scope.transaction, statement.name);
  }
  return RowsOf(ListingOf(changes));
}

}  // namespace berth::engine
