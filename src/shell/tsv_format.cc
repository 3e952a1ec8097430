#include "shell/tsv_format.h"

#include "shell/bytes.h"

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

void TsvFormat::Row(std::span<const Field> fields) {
  bool first = true;
  for (const auto& field : fields) {
    if (!first) out_.Append('\t');
    first = false;
    if (field) {
      Cell(*field);
    } else {
      out_.Append("\\N");
    }
  }
  out_.Append('\n');
}

void TsvFormat::Cell(std::string_view text) {
  if (!HasAny<'\b', '\f', '\n', '\r', '\t', '\v', '\\'>(text)) {
    out_.Append(text);
    return;
  }
  for (const char c : text) {
    const char escape = EscapeOf(c);
    if (escape != 0) out_.Append('\\');
    out_.Append(escape != 0 ? escape : c);
  }
}

}  // namespace berth::shell
