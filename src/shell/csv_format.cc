#include "shell/csv_format.h"

#include "shell/bytes.h"

namespace berth::shell {

void CsvFormat::Begin(std::span<const Column> columns) {
  bool first = true;
  for (const auto& column : columns) {
    if (!first) out_.Append(',');
    first = false;
    Cell(column.name);
  }
  out_.Append('\n');
}

void CsvFormat::Row(std::span<const Field> fields) {
  bool first = true;
  for (const auto& field : fields) {
    if (!first) out_.Append(',');
    first = false;
    if (field) Cell(*field);
  }
  out_.Append('\n');
}

void CsvFormat::Cell(std::string_view text) {
  // A lone \. is quoted as well: COPY would take it for the end of the data.
  if (!text.empty() && !HasAny<'"', ',', '\n', '\r'>(text) && text != "\\.") {
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
