#pragma once

#include <cstddef>
#include <string_view>

// What the bytes of SQL text are to PostgreSQL's lexer; Redshift's is an elder sister of it. Bytes of UTF-8 sequences
// are letters of names.
namespace berth::parser {

constexpr bool IsSpaceByte(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
constexpr bool IsNewlineByte(char c) {
  return c == '\n' || c == '\r';
}
constexpr bool IsDigitByte(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool IsTagByte(char c) {
  return IsNameStart(c) || IsDigitByte(c);
}
constexpr bool IsNameByte(char c) {
  return IsTagByte(c) || c == '$';
}

// The end of the number that starts at text[at] (a digit, or a dot before one): 10, 1.5, .5, 1.5e3.
constexpr std::size_t NumberEnd(std::string_view text, std::size_t at) {
  const auto digits = [&](std::size_t i) {
    while (i < text.size() && IsDigitByte(text[i])) ++i;
    return i;
  };
  const auto is = [&](std::size_t i, char a, char b) { return i < text.size() && (text[i] == a || text[i] == b); };
  std::size_t end = digits(at);
  if (is(end, '.', '.') && !is(end + 1, '.', '.')) end = digits(end + 1);  // 1..10 is 1, .., 10
  if (is(end, 'e', 'E')) {
    const std::size_t exponent = is(end + 1, '+', '-') ? end + 2 : end + 1;
    if (exponent < text.size() && IsDigitByte(text[exponent])) end = digits(exponent);
  }
  return end;
}

}  // namespace berth::parser
