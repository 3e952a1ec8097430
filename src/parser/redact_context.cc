#include "parser/redact_context.h"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "parser/scan.h"

namespace berth::parser {
namespace {

constexpr int kDollarDepthMax = 8;     // bodies within bodies; deeper ones are taken for mere strings
constexpr std::size_t kHeadWords = 6;  // CREATE OR REPLACE REDSHIFT CONNECTION ..: what a statement is

bool IsOneOf(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.IsWord(word); });
}

// What a statement that begins with these words is. A misspelt first word changes nothing.
std::uint8_t KindOf(std::span<const Token> head) {
  const auto leads = [](const Token& token) {
    return IsOneOf(token, {"EXPLAIN", "ANALYZE", "VERBOSE"}) || token.IsSymbol('(') || token.IsSymbol(')');
  };
  while (!head.empty() && leads(head[0])) head = head.subspan(1);
  if (head.empty() ||
      IsOneOf(head[0], {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH",  "MERGE",   "GRANT",   "REVOKE",  "DROP",
                        "SHOW",   "TEST",   "PAUSE",  "RESUME", "RUN",   "USE",     "ATTACH",  "DETACH",  "SET",
                        "COPY",   "UNLOAD", "CALL",   "DO",     "BEGIN", "EXECUTE", "COMMENT", "VALIDATE"})) {
    return 0;
  }
  for (const auto& token : head) {
    if (IsOneOf(token, {"TABLE", "VIEW", "FUNCTION", "PROCEDURE", "INDEX", "JOB", "AS"})) return 0;
    if (token.IsWord("SECRET")) return kSecretItself;
    if (IsOneOf(token, {"USER", "ROLE", "REDSHIFT", "CONNECTION", "MAPPING", "SUBSCRIPTION", "SERVER"}))
      return kInLogin;
  }
  return 0;
}

// Which tokens of a CREATE or ALTER SECRET are its value: strings everywhere, behind AS, SET and = all that is written,
// but for a reference.
class SecretReader {
 public:
  bool IsSecret(const Token& token) {
    const bool secret = Judge(token);
    before_ = token;
    in_value_ = in_value_ || IsOneOf(token, {"AS", "SET"}) || token.IsSymbol('=');
    return secret;
  }

 private:
  bool Judge(const Token& token) const {
    const bool string = token.kind == TokenKind::kString || token.kind == TokenKind::kDollarString;
    if (!in_value_) return string;
    if (string) return !token.terminated || !IsOneOf(before_, {"ENV", "FILE", "COMMAND"});
    if (IsOneOf(before_, {"SECRET"})) return false;  // the name of another one
    if (IsOneOf(token, {"ENV", "FILE", "COMMAND", "PROMPT", "SECRET", "AS", "SET"})) return false;
    return token.kind != TokenKind::kSymbol || std::string_view("=(),").find(token.text[0]) == std::string_view::npos;
  }

  Token before_;
  bool in_value_ = false;
};

class Marker {
 public:
  Marker(std::string_view text, Surroundings& found) : text_(text), found_(found) {}

  // Of the SQL between two offsets.
  void Mark(std::size_t begin, std::size_t end, bool backslash_escapes, int depth) {
    std::size_t statement = begin;
    std::size_t blank = begin;  // what stands between two tokens: white space and comments
    std::vector<Token> head;
    std::uint8_t kind = 0;
    std::uint8_t unset = 0;
    SecretReader secret;
    Scanner scanner(text_.substr(begin, end - begin), backslash_escapes);
    for (;;) {
      auto token = scanner.Next();
      token.offset += begin;
      Set(blank, token.offset, kInString);
      blank = token.end();
      found_.balanced = found_.balanced && token.terminated;
      if (token.kind == TokenKind::kEnd || token.IsSymbol(';')) {
        Set(statement, token.end(), static_cast<std::uint8_t>((kind & kInLogin) | unset));
        statement = token.end();
        kind = unset = 0;
        head.clear();
        secret = {};
        if (token.kind == TokenKind::kEnd) return;
        continue;
      }
      if (head.size() < kHeadWords) {
        head.push_back(token);
        kind = KindOf(head);
      }
      if (token.IsWord("UNSET")) unset = kInUnset;
      if (secret.IsSecret(token) && (kind & kSecretItself) != 0) SetInside(token, kSecretItself);
      MarkInside(token, backslash_escapes, depth);
    }
  }

 private:
  void MarkInside(const Token& token, bool backslash_escapes, int depth) {
    if (token.kind == TokenKind::kDollarString && depth < kDollarDepthMax) {
      const std::size_t inside = token.offset + static_cast<std::size_t>(token.Inside().data() - token.text.data());
      Mark(inside, inside + token.Inside().size(), backslash_escapes, depth + 1);
    } else if (token.kind == TokenKind::kString || token.kind == TokenKind::kQuotedIdentifier ||
               token.kind == TokenKind::kDollarString) {
      Set(token.offset, token.end(), kInString);
    }
  }
  // Between its quotes, where it has some.
  void SetInside(const Token& token, std::uint8_t bits) {
    const bool quoted = token.kind == TokenKind::kString || token.kind == TokenKind::kDollarString ||
                        token.kind == TokenKind::kQuotedIdentifier;
    if (!quoted) return Set(token.offset, token.end(), bits);
    const std::size_t inside = token.offset + static_cast<std::size_t>(token.Inside().data() - token.text.data());
    Set(inside, inside + token.Inside().size(), bits);
  }
  void Set(std::size_t begin, std::size_t end, std::uint8_t bits) {
    if (bits == 0) return;
    for (std::size_t i = begin; i < end; ++i) found_.bits[i] |= bits;
  }

  std::string_view text_;
  Surroundings& found_;
};

}  // namespace

Surroundings SurroundingsOf(std::string_view text) {
  Surroundings found{.bits = std::vector<std::uint8_t>(text.size(), 0)};
  Marker marker(text, found);
  marker.Mark(0, text.size(), false, 0);
  marker.Mark(0, text.size(), true, 0);
  return found;
}

}  // namespace berth::parser
