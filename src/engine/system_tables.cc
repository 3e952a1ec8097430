#include "engine/system_tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_listings.h"
#include "engine/listing.h"
#include "engine/memory_rows.h"
#include "engine/service_statements.h"
#include "parser/scan.h"
#include "sqlite/select.h"

namespace berth::engine {
namespace {

constexpr std::string_view kSchema = "information_schema";

Result<Listing> Slots(CatalogScope& scope) {
  BERTH_ASSIGN(const auto connections, scope.transaction.ListConnections());
  return SlotsListing(scope.shared, connections);
}

}  // namespace

struct SystemTable {
  std::string_view name;
  Result<Listing> (*list)(CatalogScope& scope);  // null: the rows come from the servers
};

namespace {

constexpr SystemTable kTables[] = {
    {"connections", &ConnectionsListing},
    {"connection_groups", &GroupsListing},
    {"connection_usages", &UsagesListing},
    {"tables", &TablesListing},
    {"jobs", &JobsListing},
    {"job_runs", static_cast<Result<Listing> (*)(CatalogScope&)>(&JobRunsListing)},
    {"secrets", &SecretsListing},
    {"connection_history", &HistoryListing},
    {"pools", &PoolsListing},
    {"slots", &Slots},
    {"service_users", &ServiceUsersListing},
    {"users", &ServiceUsersListing},  // the same under its shorter name
    {"access_keys", &AccessKeysListing},
    {"connection_grants", &GrantsListing},
    {"sessions", nullptr},
    {"columns", nullptr},
};

Error NoSuchTable(const parser::Token& token) {
  std::vector<std::string_view> known;
  std::string all;
  for (const auto& table : kTables) {
    known.push_back(table.name);
    all += (all.empty() ? "" : ", ") + std::string(table.name);
  }
  const auto near = base::DidYouMean(token.Name(), known);
  return {.code = ErrorCode::kNotFound,
          .message = fmt::format("system.information_schema has no table {}",
                                 base::QuoteIdentifier(token.Name().substr(0, 60))),
          .hint = near ? fmt::format("Did you mean {}?", *near) : fmt::format("It has {}.", all),
          .sqlstate = "42P01",
          .span = SourceSpan{.offset = static_cast<std::uint32_t>(token.offset),
                             .length = static_cast<std::uint32_t>(token.text.size())}};
}

}  // namespace

Error SystemSelectTooLong(Error error) {
  error.message =
      fmt::format("the SELECT on system tables was cancelled: it ran for more than {} s", kSystemSelectTimeMax.count());
  error.hint = "That is the limit of every such SELECT: join and repeat fewer rows.";
  return error;
}

sqlite::MemoryTable MemoryTableOf(std::string_view name, Listing listing) {
  sqlite::MemoryTable table{.name = name, .columns = {}, .rows = std::move(listing.rows)};
  for (const auto& column : listing.columns) table.columns.push_back({.name = column.name, .kind = column.kind});
  return table;
}

// Each `system .` before information_schema is blanked, so that all else keeps its place.
Result<SystemSelect> ReadSystemSelect(std::string_view text) {
  if (text.size() > kSystemSelectBytesMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("a SELECT on system tables has {} bytes; the limit is {}", text.size(),
                                        kSystemSelectBytesMax)};
  }
  SystemSelect select{.sql = std::string(text), .wanted = {}, .sessions = false, .columns = false, .tables = {}};
  std::vector<parser::Token> last;  // the last four tokens: system . information_schema .
  parser::Scanner scanner(text, false);
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    const bool qualified = last.size() == 4 && last[0].IsName() && last[0].Name() == "system" &&
                           last[1].IsSymbol('.') && last[2].IsName() && last[2].Name() == kSchema &&
                           last[3].IsSymbol('.');
    if (qualified && token.IsName()) {
      const auto* const table = std::find_if(std::begin(kTables), std::end(kTables),
                                             [&](const SystemTable& known) { return known.name == token.Name(); });
      if (table == std::end(kTables)) return NoSuchTable(token);
      const bool known = std::find(select.wanted.begin(), select.wanted.end(), table) != select.wanted.end();
      if (table->list == nullptr) {
        (table->name == "columns" ? select.columns : select.sessions) = true;
      } else if (!known) {
        select.wanted.push_back(table);
      }
      for (const auto& blank : {last[0], last[1]})
        select.sql.replace(blank.offset, blank.text.size(), blank.text.size(), ' ');
    }
    if (last.size() == 4) last.erase(last.begin());
    last.push_back(token);
  }
  return select;
}

Result<Outcome> SelectSystem(SystemSelect select, Parameters parameters, CatalogScope& scope,
                             const pool::Cancellation* cancellation, Deadline deadline) {
  for (const auto* table : select.wanted) {
    BERTH_ASSIGN(auto listing, table->list(scope));
    select.tables.push_back(MemoryTableOf(table->name, std::move(listing)));
  }
  const sqlite::SelectBounds bounds{.clock = scope.shared.clock, .deadline = deadline, .cancelled = [cancellation] {
                                      return cancellation->cancelled();
                                    }};
  BERTH_ASSIGN(auto selected,
               sqlite::SelectInMemory(select.sql, std::string(kSchema), select.tables, parameters, bounds));
  std::vector<std::string_view> names;
  for (const auto& column : selected.columns) names.push_back(column.name);
  RowsBuilder rows(names);
  for (std::size_t i = 0; i < selected.columns.size(); ++i) rows.Kind(i, selected.columns[i].kind);
  const auto count = selected.rows.size();
  for (auto& row : selected.rows) rows.Add(std::move(row));
  return rows.Build(fmt::format("SELECT {}", count));
}

}  // namespace berth::engine
