#include "engine/server_columns.h"

#include <fmt/core.h>

#include <optional>
#include <vector>

#include "base/try.h"
#include "engine/sql_texts.h"

namespace berth::engine {

Listing ServerColumns() {
  Listing listing;
  listing.columns = {{"catalog"},
                     {"schema"},
                     {"table"},
                     {"name"},
                     {"data_type"},
                     {"ordinal_position", ValueKind::kInteger},
                     {"is_nullable", ValueKind::kBoolean}};
  return listing;
}

Status AddServerColumns(session::Session& session, const std::string& connection, const std::set<TableInServer>& tables,
                        Deadline deadline, Listing& listing) {
  BERTH_ASSIGN(const auto rows, session.Execute(SqlText("columns_of_database.sql"), {}, deadline));
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return {};
    const auto text = [&](std::size_t column) { return std::string((*row)[column].value_or("")); };
    if (!tables.contains({text(0), text(1)})) continue;
    if (listing.rows.size() == kColumnsMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("the recorded tables have more than {} columns", kColumnsMax),
                   .hint = "Ask the warehouse's own information_schema."};
    }
    std::vector<std::optional<std::string>> cells = {connection};
    for (std::size_t column = 0; column < 6; ++column) cells.emplace_back(text(column));
    listing.rows.push_back(std::move(cells));
  }
}

}  // namespace berth::engine
