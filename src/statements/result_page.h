#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_range.h"
#include "statements/statement_facts.h"

namespace berth::statements {

inline constexpr std::string_view kPageHead = R"({"Records":)";

// A page of a result, encoded when the rows came in.
struct ResultPage {
  ResultFormat format = ResultFormat::kJson;
  // The beginning of the response: an object that is not closed yet, with kPageHead and a JSON array of rows of Fields,
  // or of {"CSVRecords":".."}. Most of a page's cost is copying it: a large one is the file's bytes, which were found
  // unchanged and can go to a socket as they are, then `records`; the rest of the response goes behind that in place.
  std::optional<base::FileRange> file;
  std::string records;
  std::string column_metadata;  // a JSON array of ColumnMetadata
  std::int64_t total_rows = 0;
  std::optional<std::string> next_token;  // nullopt: the last page
};

}  // namespace berth::statements
