#include "engine/ask_server.h"

#include <charconv>
#include <vector>

#include "base/try.h"
#include "engine/sql_texts.h"

namespace berth::engine {

Result<std::size_t> RunToEnd(session::Session& session, std::string_view sql, Parameters parameters,
                             Deadline deadline) {
  BERTH_ASSIGN(const auto rows, session.Execute(sql, parameters, deadline));
  std::size_t count = 0;
  for (bool more = true; more;) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (row) {
      ++count;
      continue;
    }
    BERTH_ASSIGN(more, rows->NextResult());
  }
  return count;
}

std::optional<std::int64_t> AskNumber(session::Session& session, std::string_view sql, Deadline deadline) {
  const auto rows = session.Execute(sql, {}, deadline);
  if (!rows.ok()) return std::nullopt;
  std::optional<std::int64_t> answer;
  while (true) {
    const auto row = rows.value()->Next();
    if (!row.ok() || !row.value()) return answer;
    const auto text = row.value()->front().value_or("");
    std::int64_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number >= 0) answer = number;
  }
}

Result<bool> TableIsThere(session::Session& session, const std::string& schema, const std::string& table,
                          Deadline deadline) {
  const std::vector<std::optional<std::string>> parameters = {schema, table};
  BERTH_ASSIGN(auto found, RunToEnd(session, SqlText("table_exists.sql"), parameters, deadline));
  if (found == 0 && session.server().redshift) {
    BERTH_ASSIGN(found, RunToEnd(session, SqlText("external_table_exists.sql"), parameters, deadline));
  }
  return found > 0;
}

Result<std::set<TableInServer>> TablesInServer(session::Session& session, Deadline deadline) {
  std::set<TableInServer> tables;
  const auto add = [&](std::string_view sql) -> Status {
    BERTH_ASSIGN(const auto rows, session.Execute(sql, {}, deadline));
    while (true) {
      BERTH_ASSIGN(const auto row, rows->Next());
      if (!row) return {};
      tables.emplace((*row)[0].value_or(""), (*row)[1].value_or(""));
    }
  };
  BERTH_TRY(add(SqlText("tables_of_database.sql")));
  if (session.server().redshift) BERTH_TRY(add(SqlText("external_tables_of_database.sql")));
  return tables;
}

}  // namespace berth::engine
