#include "parser/scan.h"

#include "base/strings.h"
#include "parser/characters.h"

namespace berth::parser {
namespace {

// Past the comment that starts at text[at]; comments nest.
std::size_t CommentEnd(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const auto pair = text.substr(at, 2);
    if (pair == "/*") {
      ++depth;
      at += 2;
    } else if (pair == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return at;
}

// Where the quote that opens the token stands in it.
std::size_t QuoteAt(const Token& token) {
  return token.text.find(token.kind == TokenKind::kQuotedIdentifier ? '"' : '\'');
}

}  // namespace

std::string Token::Name() const {
  if (kind == TokenKind::kWord) return base::ToLower(text);
  std::string name;
  const auto inside = Inside();
  for (std::size_t i = 0; i < inside.size(); ++i) {
    name += inside[i];
    if (inside[i] == '"' && i + 1 < inside.size() && inside[i + 1] == '"') ++i;
  }
  return name;
}

std::string_view Token::Inside() const {
  if (kind == TokenKind::kDollarString) {
    const std::size_t tag = text.find('$', 1) + 1;
    return text.substr(tag, text.size() - tag - (terminated ? tag : 0));
  }
  const std::size_t open = QuoteAt(*this) + 1;
  return text.substr(open, text.size() - open - (terminated ? 1 : 0));
}

bool Token::IsWord(std::string_view keyword) const {
  return kind == TokenKind::kWord && base::EqualsIgnoreCase(text, keyword);
}

void Scanner::SkipBlank() {
  while (at_ < text_.size()) {
    const auto pair = text_.substr(at_, 2);
    if (IsSpaceByte(text_[at_])) {
      ++at_;
    } else if (pair == "--") {
      while (at_ < text_.size() && !IsNewlineByte(text_[at_])) ++at_;
    } else if (pair == "/*") {
      at_ = CommentEnd(text_, at_);
    } else {
      return;
    }
  }
}

Token Scanner::Take(TokenKind kind, std::size_t end, bool terminated) {
  const Token token{.kind = kind, .offset = at_, .text = text_.substr(at_, end - at_), .terminated = terminated};
  at_ = end;
  return token;
}

// text_[quote] opens it; the token starts at at_, which may be a prefix such as E or U&.
Token Scanner::TakeQuoted(TokenKind kind, std::size_t quote, bool escapes) {
  const char close = text_[quote];
  for (std::size_t i = quote + 1; i < text_.size(); ++i) {
    if (escapes && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == close) {
      if (i + 1 >= text_.size() || text_[i + 1] != close) return Take(kind, i + 1);
      ++i;
    }
  }
  return Take(kind, text_.size(), false);
}

// At a dollar sign: $1, $tag$ .. $tag$, or nothing of the kind.
Token Scanner::TakeDollar() {
  std::size_t end = at_ + 1;
  if (end < text_.size() && IsDigitByte(text_[end])) {
    while (end < text_.size() && IsDigitByte(text_[end])) ++end;
    return Take(TokenKind::kParameter, end);
  }
  while (end < text_.size() && IsTagByte(text_[end])) ++end;
  if (end >= text_.size() || text_[end] != '$') return Take(TokenKind::kSymbol, at_ + 1);
  const auto tag = text_.substr(at_, end + 1 - at_);
  const std::size_t close = text_.find(tag, end + 1);
  if (close == std::string_view::npos) return Take(TokenKind::kDollarString, text_.size(), false);
  return Take(TokenKind::kDollarString, close + tag.size());
}

Token Scanner::TakeWord() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && IsNameByte(text_[end])) ++end;
  const auto next = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  if (end == at_ + 1) {
    const char prefix = static_cast<char>(text_[at_] | 0x20);
    if (next(end) == '\'') {
      if (prefix == 'e') return TakeQuoted(TokenKind::kString, end, true);
      if (prefix == 'b' || prefix == 'x') return TakeQuoted(TokenKind::kString, end, false);
      if (prefix == 'n') return TakeQuoted(TokenKind::kString, end, backslash_escapes_);
    }
    if (prefix == 'u' && next(end) == '&') {
      if (next(end + 1) == '\'') return TakeQuoted(TokenKind::kString, end + 1, false);
      if (next(end + 1) == '"') return TakeQuoted(TokenKind::kQuotedIdentifier, end + 1, false);
    }
  }
  return Take(TokenKind::kWord, end);
}

Token Scanner::Next() {
  SkipBlank();
  if (at_ >= text_.size()) return Take(TokenKind::kEnd, text_.size());
  const char c = text_[at_];
  if (IsNameStart(c)) return TakeWord();
  if (c == '\'') return TakeQuoted(TokenKind::kString, at_, backslash_escapes_);
  if (c == '"') return TakeQuoted(TokenKind::kQuotedIdentifier, at_, false);
  if (c == '$') return TakeDollar();
  const bool dot_digit = c == '.' && at_ + 1 < text_.size() && IsDigitByte(text_[at_ + 1]);
  if (IsDigitByte(c) || dot_digit) return Take(TokenKind::kNumber, NumberEnd(text_, at_));
  return Take(TokenKind::kSymbol, at_ + 1);
}

}  // namespace berth::parser
