#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/rows.h"

namespace berth::engine {

// Rows that Berth itself answers with: SHOW and the like. Columns are text unless their kind says otherwise.
class RowsBuilder {
 public:
  explicit RowsBuilder(std::initializer_list<std::string_view> columns);
  RowsBuilder& Kind(std::size_t column, ValueKind kind);
  void Add(std::vector<std::optional<std::string>> row);
  // Tagged "SHOW"; the builder is empty afterwards.
  Outcome Build();

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::optional<std::string>>> rows_;
};

// A result without rows: "CREATE CONNECTION".
Outcome Command(std::string tag);

}  // namespace berth::engine
