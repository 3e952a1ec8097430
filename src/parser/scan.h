#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::parser {

// A flat look at SQL text that never fails: what redaction, leading words and the search for dependents share. Comments
// and white space are skipped. It knows the quotes of PostgreSQL and Redshift, nothing of their grammar.
enum class TokenKind : std::uint8_t {
  kWord,              // a bare name or keyword
  kQuotedIdentifier,  // "..", also U&".."
  kString,            // '..', E'..', B'..', X'..', U&'..', N'..'
  kDollarString,      // $tag$ .. $tag$
  kNumber,
  kParameter,  // $1
  kSymbol,     // one byte: . , ; ( ) = and every other
  kEnd,
};
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;  // in the text, of the whole token
  std::string_view text;   // as written, quotes included
  bool terminated = true;  // false: the text ended inside the token
  // The name as names are compared: bare ones folded (ASCII), quoted ones unquoted; the escapes of U&".." stay as they
  // are written. For kWord and kQuotedIdentifier.
  std::string Name() const;
  // Between the quotes, as written (doubled quotes still doubled). For strings and quoted identifiers.
  std::string_view Inside() const;
  bool IsWord(std::string_view keyword) const;  // any case; kWord only
  bool IsSymbol(char symbol) const { return kind == TokenKind::kSymbol && text[0] == symbol; }
  bool IsName() const { return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier; }
  std::size_t end() const { return offset + text.size(); }
};

class Scanner {
 public:
  // `backslash_escapes`: a backslash escapes in plain strings, as on Redshift; in E'..' it always does.
  Scanner(std::string_view text, bool backslash_escapes) : text_(text), backslash_escapes_(backslash_escapes) {}
  Token Next();  // kEnd for good once the text is used up

 private:
  void SkipBlank();
  Token Take(TokenKind kind, std::size_t end, bool terminated = true);
  Token TakeQuoted(TokenKind kind, std::size_t quote, bool escapes);
  Token TakeDollar();
  Token TakeWord();

  std::string_view text_;
  std::size_t at_ = 0;
  bool backslash_escapes_ = false;
};

}  // namespace berth::parser
