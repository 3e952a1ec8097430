#include "dependents/quoted_text.h"

#include <string_view>

namespace berth::dependents {

QuotedText Unquoted(const parser::Token& token, bool backslash_escapes) {
  const auto inside = token.Inside();
  const std::size_t start = token.offset + static_cast<std::size_t>(inside.data() - token.text.data());
  const bool dollars = token.kind == parser::TokenKind::kDollarString;
  const char first = token.text.front();
  const bool escapes = !dollars && (first == 'E' || first == 'e' || (first == '\'' && backslash_escapes));
  QuotedText out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const bool doubled = !dollars && inside[i] == '\'';
    if ((doubled || (escapes && inside[i] == '\\')) && i + 1 < inside.size()) ++i;  // the byte after it is meant
    out.text += inside[i];
    out.at.push_back(start + i);
  }
  return out;
}

}  // namespace berth::dependents
