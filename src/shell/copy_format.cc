#include "shell/copy_format.h"

#include <algorithm>

namespace berth::shell {
namespace {

// The letter after the backslash; 0: the character stands for itself.
char EscapeOf(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

}  // namespace

void CopyFormat::Begin(std::span<const Column> columns) {
  rows_ = 0;
  if (!options_.header) return;
  for (const auto& column : columns) {
    if (&column != columns.data()) out_.Append(options_.delimiter);
    options_.csv ? Csv(column.name, columns.size() == 1) : Text(column.name);
  }
  out_.Append('\n');
}

void CopyFormat::Row(std::span<const Field> fields) {
  ++rows_;
  for (const auto& field : fields) {
    if (&field != fields.data()) out_.Append(options_.delimiter);
    if (!field) {
      out_.Append(options_.null_text);
    } else if (options_.csv) {
      Csv(*field, fields.size() == 1);
    } else {
      Text(*field);
    }
  }
  out_.Append('\n');
}

void CopyFormat::Text(std::string_view value) {
  for (const char c : value) {
    const char escape = c == options_.delimiter && c != '\t' ? c : EscapeOf(c);
    if (escape != 0) out_.Append('\\');
    out_.Append(escape != 0 ? escape : c);
  }
}

void CopyFormat::Csv(std::string_view value, bool alone) {
  const bool quoted =
      value == options_.null_text || (alone && value == "\\.") || std::any_of(value.begin(), value.end(), [&](char c) {
        return c == options_.delimiter || c == options_.quote || c == '\n' || c == '\r';
      });
  if (!quoted) {
    out_.Append(value);
    return;
  }
  out_.Append(options_.quote);
  for (const char c : value) {
    if (c == options_.quote || c == options_.escape) out_.Append(options_.escape);
    out_.Append(c);
  }
  out_.Append(options_.quote);
}

}  // namespace berth::shell
