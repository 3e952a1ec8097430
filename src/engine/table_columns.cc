#include "engine/table_columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "engine/sql_texts.h"
#include "parser/scan.h"

namespace berth::engine {
namespace {

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& each) { return base::EqualsIgnoreCase(each, name); });
}

bool BeginsConstraint(const parser::Token& token) {
  constexpr std::array<std::string_view, 6> kWords = {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"};
  return std::any_of(kWords.begin(), kWords.end(), [&](auto word) { return token.IsWord(word); });
}

}  // namespace

std::optional<std::vector<std::string>> NamedColumns(std::string_view rest) {
  parser::Scanner scanner(rest, /*backslash_escapes=*/false);
  if (!scanner.Next().IsSymbol('(')) return std::nullopt;
  std::vector<std::string> names;
  int depth = 1;
  bool begins = true;  // an element of the list
  for (auto token = scanner.Next(); depth > 0; token = scanner.Next()) {
    if (token.kind == parser::TokenKind::kEnd) return std::nullopt;
    if (begins) {
      if (!token.IsName() || token.IsWord("LIKE")) return std::nullopt;
      if (!BeginsConstraint(token)) names.push_back(token.Name());
    }
    if (token.IsSymbol('(')) ++depth;
    if (token.IsSymbol(')')) --depth;
    begins = depth == 1 && token.IsSymbol(',');
  }
  return names;
}

Result<std::vector<std::string>> ColumnsInServer(session::Session& session, const parser::TableName& name,
                                                 Deadline deadline) {
  const std::vector<std::optional<std::string>> parameters = {name.schema.name, name.table.name};
  BERTH_ASSIGN(const auto rows, session.Execute(SqlText("columns_of_table.sql"), parameters, deadline));
  std::vector<std::string> columns;
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return columns;
    columns.emplace_back(row->front().value_or(""));
  }
}

std::string ColumnDifferences(const std::vector<std::string>& said, const std::vector<std::string>& there) {
  std::string text;
  std::size_t count = 0;
  const auto add = [&](const std::string& name, std::string_view what) {
    if (++count > kColumnDifferencesMax) return;
    text += fmt::format("{}{} is not {}", count == 1 ? "its columns: " : ", ", base::QuoteIdentifier(name), what);
  };
  for (const auto& name : said) {
    if (!Holds(there, name)) add(name, "there");
  }
  for (const auto& name : there) {
    if (!Holds(said, name)) add(name, "in the statement");
  }
  if (count > kColumnDifferencesMax) text += fmt::format(", and {} more", count - kColumnDifferencesMax);
  return text;
}

}  // namespace berth::engine
