#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"

namespace berth::engine {

// Rows that Berth itself answers with: SHOW and the like. Columns are text unless their kind says otherwise.
class RowsBuilder {
 public:
  explicit RowsBuilder(std::span<const std::string_view> columns);
  RowsBuilder(std::initializer_list<std::string_view> columns)
      : RowsBuilder(std::span<const std::string_view>(columns.begin(), columns.size())) {}
  RowsBuilder& Kind(std::size_t column, ValueKind kind);
  void Add(std::vector<std::optional<std::string>> row);
  // The builder is empty afterwards. `end`: what NextResult() says once the rows are read, of a statement that failed
  // but has rows to show.
  Outcome Build(std::string tag = "SHOW", std::optional<Error> end = std::nullopt);

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::optional<std::string>>> rows_;
};

// A result without rows: "CREATE CONNECTION".
Outcome Command(std::string tag);

}  // namespace berth::engine
