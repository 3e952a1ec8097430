#include "support/redshift_tokens.h"

#include <algorithm>

namespace berth::test {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordPart(char c) {
  return IsWordStart(c) || IsDigit(c) || c == '$';
}

class Reader {
 public:
  Reader(std::string_view sql, bool backslashes) : sql_(sql), backslashes_(backslashes) {}

  std::vector<SqlToken> Read() {
    for (SkipBlank(); at_ < sql_.size(); SkipBlank()) {
      SqlToken token{.begin = at_};
      Take(token);
      token.end = at_;
      tokens_.push_back(std::move(token));
    }
    return std::move(tokens_);
  }

 private:
  bool Sees(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  void SkipBlank() {
    while (at_ < sql_.size()) {
      if (IsSpace(sql_[at_])) {
        ++at_;
      } else if (Sees("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (Sees("/*")) {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    do {
      const bool opens = Sees("/*");
      const bool closes = Sees("*/");
      depth += opens ? 1 : (closes ? -1 : 0);
      at_ += opens || closes ? 2 : 1;
    } while (depth > 0 && at_ < sql_.size());
  }

  void Take(SqlToken& token) {
    const char c = sql_[at_];
    if (c == '\'') {
      token.kind = TokenKind::kString;
      token.text = TakeQuoted('\'', backslashes_);
    } else if ((c == 'e' || c == 'E') && at_ + 1 < sql_.size() && sql_[at_ + 1] == '\'') {
      ++at_;
      token.kind = TokenKind::kEscapeString;
      token.text = TakeQuoted('\'', true);
    } else if (c == '"') {
      token.kind = TokenKind::kQuoted;
      token.text = TakeQuoted('"', false);
    } else if (IsWordStart(c)) {
      token.kind = TokenKind::kWord;
      for (; at_ < sql_.size() && IsWordPart(sql_[at_]); ++at_) {
        token.text += sql_[at_] >= 'A' && sql_[at_] <= 'Z' ? static_cast<char>(sql_[at_] + 32) : sql_[at_];
      }
    } else if (IsDigit(c)) {
      while (at_ < sql_.size() && (IsWordPart(sql_[at_]) || sql_[at_] == '.')) token.text += sql_[at_++];
    } else if (c == '$' && TakeDollarQuoted(token)) {
      token.kind = TokenKind::kString;
    } else {
      token.text = c;
      ++at_;
    }
  }

  std::string TakeQuoted(char quote, bool backslashes) {
    std::string text;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslashes && sql_[at_] == '\\' && at_ + 1 < sql_.size()) {
        ++at_;
      } else if (sql_[at_] == quote) {
        ++at_;
        if (at_ == sql_.size() || sql_[at_] != quote) break;
      }
      text += sql_[at_];
    }
    return text;
  }

  bool TakeDollarQuoted(SqlToken& token) {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && IsWordPart(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$' || IsDigit(sql_[at_ + 1])) return false;
    const auto mark = sql_.substr(at_, end + 1 - at_);
    const auto close = std::min(sql_.find(mark, end + 1), sql_.size());
    token.text = sql_.substr(end + 1, close - end - 1);
    at_ = std::min(close + mark.size(), sql_.size());
    return true;
  }

  const std::string_view sql_;
  const bool backslashes_;
  std::size_t at_ = 0;
  std::vector<SqlToken> tokens_;
};

}  // namespace

std::vector<SqlToken> SqlTokens(std::string_view sql, bool backslashes) {
  return Reader(sql, backslashes).Read();
}

}  // namespace berth::test
