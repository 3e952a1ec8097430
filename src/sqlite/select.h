#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"

namespace berth::sqlite {

// A table that lives in memory for the time of one SELECT. Integers are digits, booleans "t" and "f".
struct MemoryTable {
  struct MemoryColumn {
    std::string_view name;
    ValueKind kind = ValueKind::kText;
  };
  std::string_view name;
  std::vector<MemoryColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

struct Selected {
  std::vector<Column> columns;  // kinds: the table's, or what an expression's values all are
  std::vector<std::vector<std::optional<std::string>>> rows;
};

struct SelectBounds {
  const Clock& clock;
  Deadline deadline;
  std::function<bool()> cancelled;  // asked while it runs; may be null
};

inline constexpr std::size_t kSelectRowsMax = 100'000;
inline constexpr int kSelectValueBytesMax = 4 << 20;  // 4 MiB

// Runs one SELECT over `tables`, which the text names as `schema`.name, in a database of its own: it can read those and
// nothing else, write nothing, and open no file. `parameters` go to $1, $2 .. Errors: kSyntax with its place,
// kInvalidArgument (another statement, more than one, parameters that do not fit), kLimitExceeded (kSelectRowsMax),
// kDeadlineExceeded, kCancelled.
Result<Selected> SelectInMemory(std::string_view sql, const std::string& schema, std::span<const MemoryTable> tables,
                                Parameters parameters, const SelectBounds& bounds);

}  // namespace berth::sqlite
