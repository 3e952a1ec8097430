#include "parser/words.h"

#include <string>
#include <utility>

#include "base/try.h"
#include "parser/antlr_grammar.h"
#include "parser/characters.h"
#include "parser/tail.h"

namespace berth::parser {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t SymbolType(char symbol) {
  switch (symbol) {
    case '=':
      return BerthParser::Equals;
    case ',':
      return BerthParser::Comma;
    case '.':
      return BerthParser::Dot;
    case '-':
      return BerthParser::Minus;
    case '(':
      return BerthParser::LeftParen;
    case ')':
      return BerthParser::RightParen;
    case ';':
      return BerthParser::Semicolon;
    default:
      return BerthParser::Other;
  }
}

std::size_t TypeOf(const Token& token) {
  switch (token.kind) {
    case TokenKind::kWord: {
      const std::size_t* keyword = KeywordType(token.text);
      return keyword != nullptr ? *keyword : static_cast<std::size_t>(BerthParser::BareName);
    }
    case TokenKind::kQuotedIdentifier:
      return token.text[0] == '"' ? BerthParser::QuotedName : BerthParser::Other;
    case TokenKind::kString:
      return token.text[0] == '\'' ? BerthParser::String : BerthParser::Other;
    case TokenKind::kDollarString:
      return BerthParser::DollarText;
    case TokenKind::kNumber:
      return token.text.find_first_not_of("0123456789.") == std::string_view::npos ? BerthParser::Number
                                                                                   : BerthParser::Other;
    case TokenKind::kSymbol:
      return SymbolType(token.text[0]);
    case TokenKind::kParameter:
      return BerthParser::Other;
    case TokenKind::kEnd:
      return antlr4::Token::EOF;
  }
  return BerthParser::Other;
}

bool IsNameToken(const Token& token) {
  return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier;
}

// Cuts words until the end, and watches for the place where a statement stops being ours.
class Cutter {
 public:
  explicit Cutter(std::string_view text)
      : text_(text),
        at_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0),
        scanner_(text.substr(at_), false) {
    base_ = at_;
  }

  Result<std::vector<Word>> Cut() {
    for (;;) {
      Token token = scanner_.Next();
      token.offset += base_;
      if (!tail_passed_ && TailBegins(token)) {
        tail_passed_ = true;
        BERTH_ASSIGN(const bool taken, TakeTail());
        if (taken) continue;
      }
      if (!token.terminated) return NotClosed(text_, token.offset);
      if (words_.size() == kWordsMax) return TooMany(token);
      words_.push_back(Word{TypeOf(token), token});
      if (token.kind == TokenKind::kEnd) break;
      at_ = token.offset + token.text.size();
    }
    if (const std::size_t open = OpenComment(text_, at_); open != std::string_view::npos) return NotClosed(text_, open);
    return std::move(words_);
  }

 private:
  // Comments before the first token of the tail belong to it, those behind the last do not. False: there is nothing.
  Result<bool> TakeTail() {
    std::size_t start = at_;
    while (start < text_.size() && IsSpaceByte(text_[start])) ++start;
    BERTH_ASSIGN(const std::size_t end, TailEnd(text_, start));
    if (end == start) return false;
    words_.push_back(Word{BerthParser::Tail, Token{.offset = start, .text = text_.substr(start, end - start)}});
    at_ = base_ = end;
    scanner_ = Scanner(text_.substr(end), false);
    return true;
  }

  bool Is(std::size_t index, std::size_t type) const { return index < words_.size() && words_[index].type == type; }

  // Where the name stands in [EXPLAIN] CREATE [OR REPLACE] [SYNC] JOB|TABLE [IF NOT EXISTS] name; 0: this is none of
  // those.
  std::size_t NameIndex(std::size_t object) const {
    std::size_t at = Is(0, BerthParser::EXPLAIN) ? 1 : 0;
    if (!Is(at, BerthParser::CREATE)) return 0;
    at += Is(at + 1, BerthParser::OR) && Is(at + 2, BerthParser::REPLACE) ? 3 : 1;
    if (Is(at, BerthParser::SYNC)) ++at;
    if (!Is(at, object)) return 0;
    ++at;
    return Is(at, BerthParser::IF) && Is(at + 1, BerthParser::NOT) ? at + 3 : at;
  }

  // Whether `next` is the first token of what is the warehouse's: of a job after AS, of a table after c.s.t or where
  // that name breaks off.
  bool TailBegins(const Token& next) {
    if (next.kind == TokenKind::kEnd) return false;
    if (const std::size_t name = NameIndex(BerthParser::JOB); name != 0) {
      if (words_.size() < name + 2 || words_.back().type != BerthParser::AS) return false;
      if (next.kind == TokenKind::kDollarString) tail_passed_ = true;
      return !tail_passed_;
    }
    const std::size_t name = NameIndex(BerthParser::TABLE);
    if (name == 0 || words_.size() < name) return false;
    const std::size_t taken = words_.size() - name;  // of c . s . t
    if (taken >= 5) return !next.IsSymbol('.');      // of a name of four parts the fourth does not fit
    if (taken % 2 == 0) return !IsNameToken(next);
    if (taken == 1 && words_.back().type == BerthParser::IF && next.IsWord("NOT")) return false;
    return !next.IsSymbol('.');
  }

  static Error TooMany(const Token& token) {
    Error error;
    error.code = ErrorCode::kLimitExceeded;
    error.message = "the statement has more than " + std::to_string(kWordsMax) + " words";
    error.span = SpanOf(token);
    return error;
  }

  std::string_view text_;
  std::size_t at_ = 0;    // after the last word
  std::size_t base_ = 0;  // where the scanner's text begins
  Scanner scanner_;
  std::vector<Word> words_;
  bool tail_passed_ = false;
};

}  // namespace

Result<std::vector<Word>> CutWords(std::string_view text) {
  return Cutter(text).Cut();
}

bool IsKeyword(std::string_view word) {
  return KeywordType(word) != nullptr;
}

SourceSpan SpanOf(const Token& token) {
  return {static_cast<std::uint32_t>(token.offset), static_cast<std::uint32_t>(token.text.size())};
}

}  // namespace berth::parser
