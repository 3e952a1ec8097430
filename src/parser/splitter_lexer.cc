// The splitter's lexer: one function a state. It stops wherever the bytes fed so far end and goes on from there; where
// a byte means nothing without the next one, it stops before it.

#include <algorithm>
#include <array>

#include "parser/characters.h"
#include "parser/splitter.h"

namespace berth::parser {
namespace {

constexpr auto kNameBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = IsNameByte(static_cast<char>(i));
  return table;
}();

// The first `byte` at or after `from`; the text's end: there is none.
std::size_t Find(const std::string& text, char byte, std::size_t from) {
  return std::min(text.find(byte, from), text.size());
}

char Lower(char c) {
  return static_cast<char>(c | 0x20);
}

}  // namespace

Splitter::Step Splitter::Run() {
  auto step = Step::kGoOn;
  while (step == Step::kGoOn) {
    if (at_ >= buffer_.size()) return Step::kMore;
    switch (state_) {
      case State::kNormal:
        step = Normal();
        break;
      case State::kWord:
        step = Word();
        break;
      case State::kNumber:
        step = Number();
        break;
      case State::kParameter:
        step = Parameter();
        break;
      case State::kJunk:
        step = Junk();
        break;
      case State::kDollarTag:
        step = DollarTag();
        break;
      case State::kLineComment:
        step = LineComment();
        break;
      case State::kComment:
        step = Comment();
        break;
      case State::kString:
        step = String();
        break;
      case State::kQuotedName:
        step = QuotedName();
        break;
      case State::kDollarString:
        step = DollarString();
        break;
      case State::kMetaCommand:
        step = MetaCommand();
        break;
    }
  }
  return step;
}

Splitter::Step Splitter::Normal() {
  const char c = buffer_[at_];
  if (IsSpaceByte(c)) {
    after_string_gap_ = true;
    after_string_newline_ = after_string_newline_ || IsNewlineByte(c);
    ++at_;
    return Step::kGoOn;
  }
  if (IsNameStart(c)) {
    BeginToken(State::kWord);
    return Step::kGoOn;
  }
  if (IsDigitByte(c)) {
    BeginToken(State::kNumber);
    return Step::kGoOn;
  }
  return Special(c);
}

// A byte that is no white space, letter or digit.
Splitter::Step Splitter::Special(char c) {
  if ((c == '-' || c == '/' || c == '.') && !Has(2) && !finished_) return Step::kMore;
  const char next = Has(2) ? buffer_[at_ + 1] : '\0';
  if (c == '-' && next == '-') {
    after_string_gap_ = true;
    state_ = State::kLineComment;
    return Step::kGoOn;
  }
  if (c == '/' && next == '*') {
    Begin();
    after_string_ = StringKind::kNone;
    at_ += 2;
    comment_depth_ = 1;
    state_ = State::kComment;
    return Step::kGoOn;
  }
  if (c == ';' && parentheses_ == 0 && begin_depth_ == 0) {
    Begin();
    ++at_;
    return Step::kStatementEnd;
  }
  if (c == '\\' && options_.meta_commands) return Backslash();
  if (c == '\'') {
    const auto plain = backslash_escapes_ ? StringKind::kEscaped : StringKind::kPlain;
    const bool doubled = !after_string_gap_ && after_string_ != StringKind::kBits;
    const bool goes_on = after_string_ != StringKind::kNone && (doubled || after_string_newline_);
    OpenString(goes_on ? after_string_ : plain);
    return Step::kGoOn;
  }
  if (c == '.' && IsDigitByte(next)) {
    BeginToken(State::kNumber);
    return Step::kGoOn;
  }
  BeginToken(c == '"' ? State::kQuotedName : c == '$' ? State::kDollarTag : State::kNormal);
  if (c == '(') ++parentheses_;
  if (c == ')' && parentheses_ > 0) --parentheses_;
  ++at_;
  return Step::kGoOn;
}

void Splitter::BeginToken(State state) {
  Begin();
  significant_ = true;
  after_string_ = StringKind::kNone;
  token_ = at_;
  state_ = state;
}

// At its opening quote.
void Splitter::OpenString(StringKind kind) {
  BeginToken(State::kString);
  string_ = kind;
  escaping_ = false;
  ++at_;
}

Splitter::Step Splitter::Backslash() {
  if (!Has(2) && !finished_) return Step::kMore;
  const char next = Has(2) ? buffer_[at_ + 1] : '\0';
  if (next != ';' && next != ':') {
    token_ = at_;
    state_ = State::kMetaCommand;
    return Step::kGoOn;
  }
  BeginToken(State::kNormal);
  buffer_.erase(at_, 1);
  ++at_;
  if (next == ';' && parentheses_ == 0 && begin_depth_ == 0) words_ = 0;
  return Step::kGoOn;
}

Splitter::Step Splitter::MetaCommand() {
  at_ = Find(buffer_, '\n', at_);
  return at_ < buffer_.size() ? Step::kMetaCommandEnd : Step::kMore;
}

Splitter::Step Splitter::Word() {
  const std::size_t size = buffer_.size();
  while (at_ < size && kNameBytes[static_cast<unsigned char>(buffer_[at_])]) ++at_;
  if (at_ >= size) return Step::kMore;
  const auto word = std::string_view(buffer_).substr(token_, at_ - token_);
  state_ = State::kNormal;
  if (word.size() > 1) {
    TrackWord(word);
    return Step::kGoOn;
  }
  const char prefix = Lower(word[0]);
  const char c = buffer_[at_];
  if (c == '\'') {
    if (prefix == 'e') {
      OpenString(StringKind::kEscaped);
      return Step::kGoOn;
    }
    if (prefix == 'b' || prefix == 'x') {
      OpenString(StringKind::kBits);
      return Step::kGoOn;
    }
    if (prefix == 'n') return Step::kGoOn;  // the quote opens a plain string
  }
  if (prefix == 'u' && c == '&') {
    if (!Has(2) && !finished_) {
      state_ = State::kWord;
      return Step::kMore;
    }
    if (Has(2) && buffer_[at_ + 1] == '\'') {
      ++at_;
      OpenString(StringKind::kPlain);
    }
    return Step::kGoOn;
  }
  TrackWord(word);
  return Step::kGoOn;
}

// As psql 15, which takes letters right after a number as part of it: no E'' string begins in 1E''.
Splitter::Step Splitter::Number() {
  while (at_ < buffer_.size()) {
    const char c = buffer_[at_];
    if (IsDigitByte(c)) {
      ++at_;
      continue;
    }
    const std::size_t ahead = c == '.' ? 2 : Lower(c) == 'e' ? 3 : 1;
    if (!Has(ahead) && !finished_) return Step::kMore;
    const char next = Has(2) ? buffer_[at_ + 1] : '\0';
    if (c == '.' && next != '.') {
      ++at_;
      continue;
    }
    if (Lower(c) == 'e') {
      const std::size_t sign = next == '+' || next == '-' ? 1 : 0;
      if (Has(sign + 2) && IsDigitByte(buffer_[at_ + sign + 1])) {
        at_ += sign + 1;
        continue;
      }
      if (sign == 1) {  // 1e- without digits takes the sign along: no comment begins in 1e--
        at_ += 2;
        state_ = State::kNormal;
        return Step::kGoOn;
      }
    }
    state_ = IsNameStart(c) ? State::kJunk : State::kNormal;
    return Step::kGoOn;
  }
  return Step::kMore;
}

Splitter::Step Splitter::Junk() {
  const std::size_t size = buffer_.size();
  while (at_ < size && kNameBytes[static_cast<unsigned char>(buffer_[at_])]) ++at_;
  if (at_ >= size) return Step::kMore;
  state_ = State::kNormal;
  return Step::kGoOn;
}

Splitter::Step Splitter::Parameter() {
  while (at_ < buffer_.size() && IsDigitByte(buffer_[at_])) ++at_;
  if (at_ >= buffer_.size()) return Step::kMore;
  state_ = IsNameStart(buffer_[at_]) ? State::kJunk : State::kNormal;
  return Step::kGoOn;
}

// After a dollar sign at token_.
Splitter::Step Splitter::DollarTag() {
  if (at_ == token_ + 1 && IsDigitByte(buffer_[at_])) {
    state_ = State::kParameter;
    return Step::kGoOn;
  }
  while (at_ < buffer_.size() && IsTagByte(buffer_[at_])) ++at_;
  if (at_ >= buffer_.size()) return Step::kMore;
  if (buffer_[at_] == '$') {
    ++at_;
    dollar_tag_ = buffer_.substr(token_, at_ - token_);
    dollar_matched_ = 0;
    state_ = State::kDollarString;
    return Step::kGoOn;
  }
  // No tag: a dollar sign, then perhaps a word.
  const bool word = at_ > token_ + 1;
  ++token_;
  state_ = word ? State::kWord : State::kNormal;
  return Step::kGoOn;
}

Splitter::Step Splitter::DollarString() {
  while (at_ < buffer_.size()) {
    if (dollar_matched_ == 0) {
      at_ = Find(buffer_, '$', at_);
      if (at_ >= buffer_.size()) return Step::kMore;
    }
    const char c = buffer_[at_];
    ++at_;
    if (c == dollar_tag_[dollar_matched_]) {
      if (++dollar_matched_ < dollar_tag_.size()) continue;
      state_ = State::kNormal;
      return Step::kGoOn;
    }
    dollar_matched_ = c == '$' ? 1 : 0;
  }
  return Step::kMore;
}

Splitter::Step Splitter::LineComment() {
  while (at_ < buffer_.size() && !IsNewlineByte(buffer_[at_])) ++at_;
  if (at_ >= buffer_.size()) return Step::kMore;
  state_ = State::kNormal;
  return Step::kGoOn;
}

Splitter::Step Splitter::Comment() {
  while (at_ < buffer_.size()) {
    const char c = buffer_[at_];
    if (c != '/' && c != '*') {
      ++at_;
      continue;
    }
    if (!Has(2)) {
      if (!finished_) return Step::kMore;
      ++at_;
      continue;
    }
    const char next = buffer_[at_ + 1];
    if (c == '/' && next == '*') {
      ++comment_depth_;
      at_ += 2;
    } else if (c == '*' && next == '/') {
      at_ += 2;
      if (--comment_depth_ == 0) {
        state_ = State::kNormal;
        return Step::kGoOn;
      }
    } else {
      ++at_;
    }
  }
  return Step::kMore;
}

Splitter::Step Splitter::String() {
  if (string_ != StringKind::kEscaped) {
    at_ = Find(buffer_, '\'', at_);
  } else {
    for (; at_ < buffer_.size(); ++at_) {
      if (escaping_) {
        escaping_ = false;
      } else if (buffer_[at_] == '\\') {
        escaping_ = true;
      } else if (buffer_[at_] == '\'') {
        break;
      }
    }
  }
  if (at_ >= buffer_.size()) return Step::kMore;
  ++at_;
  // A quote right after this one, or after white space with a newline, takes the string up again.
  after_string_ = string_;
  after_string_gap_ = after_string_newline_ = false;
  state_ = State::kNormal;
  return Step::kGoOn;
}

Splitter::Step Splitter::QuotedName() {
  at_ = Find(buffer_, '"', at_);
  if (at_ >= buffer_.size()) return Step::kMore;
  ++at_;
  state_ = State::kNormal;
  return Step::kGoOn;
}

}  // namespace berth::parser
