#include "statements/listing_queries.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/try.h"
#include "engine/sql_texts.h"
#include "statements/column_metadata.h"
#include "statements/page_token.h"

namespace berth::statements {
namespace {

using Row = std::vector<std::optional<std::string>>;
using Values = std::vector<std::optional<std::string>>;

Result<std::vector<Row>> Ask(Conversation& conversation, std::string_view sql_name, const Values& values,
                             Deadline deadline) {
  BERTH_ASSIGN(const auto outcome, conversation.Pass(engine::SqlText(sql_name), values, deadline));
  std::vector<Row> rows;
  while (true) {
    BERTH_ASSIGN(const auto row, outcome->Next());
    if (!row) break;
    auto& texts = rows.emplace_back();
    for (const auto& field : *row) {
      texts.push_back(field ? std::optional<std::string>(std::string(*field)) : std::nullopt);
    }
  }
  BERTH_ASSIGN(const bool more, outcome->NextResult());
  static_cast<void>(more);
  return rows;
}

// What the page before ended with; from the beginning, `first`.
Result<std::vector<std::string>> PlaceOf(const ListingRequest& request, std::string_view of,
                                         std::vector<std::string> first) {
  if (request.next_token.empty()) return first;
  BERTH_ASSIGN(auto token, ReadToken(request.next_token, of));
  if (token.after.size() == first.size()) return std::move(token.after);
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "NextToken is not one that this operation returned for these arguments."};
}

std::int64_t Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

// Cuts the rows to the page and says where the next begins: after the first `places` values of its last row.
std::optional<std::string> CutPage(std::vector<Row>& rows, const ListingRequest& request, std::string_view of,
                                   std::initializer_list<std::size_t> places) {
  const auto limit = request.max_results == 0 ? kListingPageMax : std::min(request.max_results, kListingPageMax);
  if (rows.size() <= limit) return std::nullopt;
  rows.resize(limit);
  PageToken token{.of = std::string(of), .after = {}};
  for (const auto place : places) token.after.push_back(rows.back()[place].value_or(""));
  return WriteToken(token);
}

NamePage Names(std::vector<Row> rows, const ListingRequest& request, std::string_view of) {
  NamePage page;
  page.next_token = CutPage(rows, request, of, {0});
  for (auto& row : rows) page.names.push_back(row[0].value_or(""));
  return page;
}

}  // namespace

Result<NamePage> AskDatabases(Conversation& conversation, const ListingRequest& request) {
  BERTH_ASSIGN(const auto place, PlaceOf(request, "databases", {""}));
  BERTH_ASSIGN(auto rows, Ask(conversation, "list_databases.sql", {place[0]}, request.deadline));
  return Names(std::move(rows), request, "databases");
}

Result<NamePage> AskSchemas(Conversation& conversation, const ListingRequest& request) {
  BERTH_ASSIGN(const auto place, PlaceOf(request, "schemas", {""}));
  BERTH_ASSIGN(auto rows,
               Ask(conversation, "list_schemas.sql", {request.schema.value_or("%"), place[0]}, request.deadline));
  return Names(std::move(rows), request, "schemas");
}

Result<TablePage> AskTables(Conversation& conversation, const ListingRequest& request) {
  BERTH_ASSIGN(const auto place, PlaceOf(request, "tables", {"", ""}));
  const Values values{request.schema.value_or("%"), request.table.value_or("%"), place[0], place[1]};
  BERTH_ASSIGN(auto rows, Ask(conversation, "list_tables.sql", values, request.deadline));
  TablePage page;
  page.next_token = CutPage(rows, request, "tables", {0, 1});
  for (auto& row : rows) {
    page.tables.push_back({.name = row[1].value_or(""), .schema = row[0].value_or(""), .type = row[2].value_or("")});
  }
  return page;
}

Result<ColumnPage> AskColumns(Conversation& conversation, const ListingRequest& request) {
  BERTH_ASSIGN(const auto place, PlaceOf(request, "columns", {"", "", "0"}));
  const Values values{request.schema.value_or(""), request.table.value_or(""), place[0], place[1], place[2]};
  BERTH_ASSIGN(auto rows, Ask(conversation, "describe_columns.sql", values, request.deadline));
  ColumnPage page;
  page.table_name = request.table.value_or("");
  page.next_token = CutPage(rows, request, "columns", {0, 1, 3});
  for (auto& row : rows) {
    auto column = DescribeType(static_cast<std::uint32_t>(Number(row[4])), static_cast<std::int32_t>(Number(row[5])));
    column.schema_name = row[0].value_or("");
    column.table_name = row[1].value_or("");
    column.name = row[2].value_or("");
    column.type_name = row[7].value_or("");
    column.nullable = row[6] == "t" ? 0 : 1;
    column.length = column.precision;
    column.column_default = std::move(row[8]);
    page.columns.push_back(std::move(column));
  }
  return page;
}

}  // namespace berth::statements
