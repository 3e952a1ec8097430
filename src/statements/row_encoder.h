#pragma once

#include <span>
#include <string>
#include <vector>

#include "berth/rows.h"
#include "statements/column_metadata.h"
#include "statements/statement_facts.h"

namespace berth::statements {

// Writes rows as the pages of a result have them. One thread at a time.
class RowEncoder {
 public:
  RowEncoder(ResultFormat format, std::span<const Column> columns);

  // JSON: a FieldList, `[{"longValue":1},..]`. CSV: a line with its end, not yet within a JSON string.
  void Append(std::string& page, std::span<const Field> row) const;
  // CSV: the line of names; JSON: nothing.
  std::string Header() const;

 private:
  struct Kind {
    FieldMember member;
    bool blank_padded;  // CHAR(n): the padding is no part of the value
  };
  const ResultFormat format_;
  std::vector<Kind> kinds_;
  std::vector<std::string> names_;
};

}  // namespace berth::statements
