#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
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

void AddRow(const catalog::ChangeRow& change, std::optional<std::string> connection, Listing& listing) {
  listing.rows.push_back({std::to_string(change.id), change.changed_at, UserOf(change.changed_by),
                          NullIfEmpty(change.service_user), NullIfEmpty(ProgramOf(change.changed_by)), change.action,
                          change.object_type, change.object_name, std::move(connection), NullIfEmpty(change.options),
                          NullIfEmpty(change.statement)});
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

// The connection's name by now, or the last that the history knows.
class ConnectionNames {
 public:
  explicit ConnectionNames(catalog::Transaction& transaction) : transaction_(transaction) {}
  Result<std::optional<std::string>> Of(const catalog::ChangeRow& change) {
    if (!change.connection_id) return std::optional<std::string>();
    auto& name = names_[*change.connection_id];
    if (name.empty()) {
      BERTH_ASSIGN(const auto found, transaction_.FindConnectionById(*change.connection_id));
      if (found) name = found->name;
    }
    if (name.empty() && change.object_type == "connection") return std::optional(change.object_name);
    return name.empty() ? std::nullopt : std::optional(name);
  }

 private:
  catalog::Transaction& transaction_;
  std::map<std::int64_t, std::string> names_;
};

Result<Listing> ListingOf(const std::vector<catalog::ChangeRow>& changes, catalog::Transaction& transaction) {
  auto listing = Empty();
  ConnectionNames names(transaction);
  for (const auto& change : changes) {
    BERTH_ASSIGN(auto connection, names.Of(change));
    AddRow(change, std::move(connection), listing);
  }
  return listing;
}

}  // namespace

Result<Listing> HistoryListing(CatalogScope& scope) {
  BERTH_ASSIGN(const auto changes, scope.transaction.ListHistory(kHistoryRowsMax));
  return ListingOf(changes, scope.transaction);
}

Result<Outcome> Run(const parser::ShowHistory& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto changes, scope.transaction.HistoryOf(statement.name.name, kHistoryRowsMax));
  if (changes.empty()) {
    BERTH_ASSIGN(const auto found, scope.transaction.FindConnection(statement.name.name));
    if (!found) return NoSuchConnection(scope.transaction, statement.name);
  }
  BERTH_ASSIGN(auto listing, ListingOf(changes, scope.transaction));
  return RowsOf(std::move(listing));
}

}  // namespace berth::engine
