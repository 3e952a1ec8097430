#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::test {

enum class TokenKind : std::uint8_t { kWord, kQuoted, kString, kEscapeString, kSymbol };

// One token of SQL: a bare word (text in lower case), a quoted name or a string (text without its quotes), or one
// character of anything else.
struct SqlToken {
  TokenKind kind = TokenKind::kSymbol;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;

  bool Is(std::string_view word) const {
    return (kind == TokenKind::kWord || kind == TokenKind::kSymbol) && text == word;
  }
};

// Without white space and comments. `backslashes`: they escape in strings, as Redshift has it.
std::vector<SqlToken> SqlTokens(std::string_view sql, bool backslashes);

}  // namespace berth::test
