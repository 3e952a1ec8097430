#include "shell/csv_format.h"

#include "shell/bytes.h"

namespace berth::shell {

void CsvFormat::Begin(std::span<const Column> columns) {
  names_.clear();
  for (const auto& column : columns) {
    if (options_.expanded == Expanded::kOn) {
      names_.push_back(column.name);
    } else if (!options_.tuples_only) {
      if (&column != columns.data()) out_.Append(options_.csv_separator);
      Cell(column.name);
    }
  }
  if (names_.empty() && !options_.tuples_only) out_.Append('\n');
}

void CsvFormat::Row(std::span<const Field> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i < names_.size()) {
      Cell(names_[i]);
      out_.Append(options_.csv_separator);
    } else if (i > 0) {
      out_.Append(options_.csv_separator);
    }
    Value(fields[i]);
    if (i < names_.size()) out_.Append('\n');
  }
  if (names_.empty()) out_.Append('\n');
}

void CsvFormat::Value(const Field& field) {
  if (field) {
    Cell(*field);
  } else if (!options_.null_text.empty()) {
    Cell(options_.null_text);
  }
}

void CsvFormat::Cell(std::string_view text) {
  // A lone \. is quoted as well: COPY would take it for the end of the data.
  const bool separated =
      options_.csv_separator == ',' ? HasAny<','>(text) : text.find(options_.csv_separator) != std::string_view::npos;
  if (!text.empty() && !separated && !HasAny<'"', '\n', '\r'>(text) && text != "\\.") {
    out_.Append(text);
    return;
  }
  out_.Append('"');
  while (!text.empty()) {
    const auto quote = text.find('"');
    out_.Append(text.substr(0, quote));
    if (quote == std::string_view::npos) break;
    out_.Append("\"\"");
    text.remove_prefix(quote + 1);
  }
  out_.Append('"');
}

}  // namespace berth::shell
