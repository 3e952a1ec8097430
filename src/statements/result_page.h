#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "statements/statement_facts.h"

namespace berth::statements {

// A page of a result, encoded when the rows came in.
struct ResultPage {
  ResultFormat format = ResultFormat::kJson;
  // A JSON array, to be put into the response as it stands: of rows of Fields, or of {"CSVRecords":".."}.
  std::string records;
  std::string column_metadata;  // a JSON array of ColumnMetadata
  std::int64_t total_rows = 0;
  std::optional<std::string> next_token;  // nullopt: the last page
};

}  // namespace berth::statements
