#include "parser/secret_values.h"

#include <algorithm>

#include "base/strings.h"
#include "parser/characters.h"
#include "parser/scan.h"

namespace berth::parser {
namespace {

constexpr std::string_view kMayFollowString = ",;):|]";  // and white space and comments
constexpr std::size_t kUrlBytesMax = 4096;               // of a URL before its password=
constexpr std::size_t kGapBytesMax = 4096;               // of comments and white space between a word and its value

bool IsSpace(char c) {
  return IsSpaceByte(c) || c == '\v';
}
bool IsQuote(char c) {
  return c == '\'' || c == '"';
}
bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto known) { return base::EqualsIgnoreCase(word, known); });
}

// The closing quote of the string that opens at `open`; the text's end: there is none.
std::size_t CloseOf(std::string_view text, std::size_t open, bool escapes) {
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (text[i] == text[open]) {
      if (i + 1 >= text.size() || text[i + 1] != text[open]) return i;
      ++i;
    }
  }
  return text.size();
}

}  // namespace

std::string_view SecretValues::NameAt(std::size_t at) const {
  std::size_t end = at;
  while (IsTagByte(At(end))) ++end;
  return text_.substr(std::min(at, text_.size()), end - at);
}

std::size_t SecretValues::SkipSpace(std::size_t at) const {
  while (at < text_.size() && IsSpace(text_[at])) ++at;
  return at;
}

std::size_t SecretValues::SkipBlank(std::size_t at) const {
  const auto gap = text_.substr(std::min(at, text_.size()), kGapBytesMax);
  return at + std::min(Scanner(gap, false).Next().offset, gap.size());
}

std::size_t SecretValues::SkipConnectors(std::size_t at, bool in_string, bool& equals) const {
  const std::size_t limit = at + kGapBytesMax;
  while (at < limit) {
    at = in_string ? SkipSpace(at) : SkipBlank(at);
    const char c = At(at);
    const auto word = in_string ? std::string_view() : NameAt(at);
    if (c == '=' || c == ':') {
      equals = true;
      ++at;
    } else if (c == '>' || (!in_string && c != '\0' && std::string_view("<!~(").find(c) != std::string_view::npos)) {
      ++at;
    } else if (IsOneOf(word, {"AS", "TO", "IS", "NOT", "LIKE", "ILIKE", "IN", "BY"})) {
      at += word.size();
    } else {
      return at;
    }
  }
  return at;
}

std::size_t SecretValues::RunEnd(std::size_t at) const {
  while (at < text_.size() && !IsSpace(text_[at])) ++at;
  return at;
}

// COMMENT = ..
bool SecretValues::IsOptionAt(std::size_t at) const {
  const auto name = NameAt(at);
  return !name.empty() && At(SkipSpace(at + name.size())) == '=';
}

// The quote of the string that starts at `at`, perhaps after E, N, B, X, U& or, within a string, a backslash.
std::optional<std::size_t> SecretValues::QuoteAt(std::size_t at, bool in_string) const {
  if (IsQuote(At(at))) return at;
  if (in_string && At(at) == '\\' && IsQuote(At(at + 1))) return at + 1;
  const char prefix = static_cast<char>(At(at) | 0x20);
  if (std::string_view("enbx").find(prefix) != std::string_view::npos && At(at + 1) == '\'') return at + 1;
  if (prefix == 'u' && At(at + 1) == '&' && IsQuote(At(at + 2))) return at + 2;
  return std::nullopt;
}

std::size_t SecretValues::StringEnd(std::size_t quote) const {
  return std::max(CloseOf(text_, quote, false), CloseOf(text_, quote, true));
}

// 'a', also 'a' 'b' and 'a' || 'b'.
std::vector<ByteRange> SecretValues::Strings(std::size_t quote) const {
  std::vector<ByteRange> found;
  for (;;) {
    const std::size_t close = StringEnd(quote);
    found.push_back({quote + 1, close});
    std::size_t at = close + 1;
    if (at >= text_.size()) return found;
    const bool comment = StartsWith(at, "--") || StartsWith(at, "/*");
    if (!comment && !IsSpace(text_[at]) && kMayFollowString.find(text_[at]) == std::string_view::npos) {
      found.push_back({at, text_.size()});  // 'it's secret': where it ends is anyone's guess
      return found;
    }
    at = SkipBlank(at);
    if (StartsWith(at, "||")) at = SkipBlank(at + 2);
    const auto next = QuoteAt(at, false);
    if (!next || text_[*next] != '\'') return found;
    quote = *next;
  }
}

// The quotes are doubled, or doubled twice, or stand behind backslashes, because there is a string around them.
ByteRange SecretValues::StringWithin(std::size_t quote) const {
  const char c = text_[quote];
  const auto run = [&](std::size_t at) {
    std::size_t end = at;
    while (At(end) == c) ++end;
    return end - at;
  };
  const bool escaped = quote > 0 && text_[quote - 1] == '\\';
  const std::size_t open = escaped ? 1 : std::max<std::size_t>(1, run(quote));
  std::size_t at = quote + open;
  while (at < text_.size()) {
    if (escaped && text_[at] == '\\') {
      const bool doubled = At(at + 1) == c && At(at + 2) == '\\' && At(at + 3) == c;
      if (At(at + 1) == c && !doubled) break;
      at += doubled ? 4 : 2;
    } else if (text_[at] == c) {
      const std::size_t length = run(at);
      if (length % (2 * open) != 0) break;
      at += length;
    } else {
      ++at;
    }
  }
  return {quote + open, std::min(at, text_.size())};
}

// A value without quotes, in a statement that defines a login: PASSWORD = hunter2, PASSWORD = my secret'.
std::optional<ByteRange> SecretValues::Bare(std::size_t at, bool equals) const {
  const auto name = NameAt(at);
  const char after = At(at + name.size());
  if (IsPasswordReference(name) &&
      (after == '\0' || IsSpace(after) || IsQuote(after) || after == ',' || after == ';' || after == ')')) {
    return std::nullopt;
  }
  const bool option = IsOptionAt(at) && (!equals || after != '=');
  if (option || std::string_view(",;)").find(At(at)) != std::string_view::npos) return std::nullopt;
  if (!equals && (Is(at, kInUnset) || IsOneOf(name, {"SET", "UNSET", "RENAME", "VALID", "WITH"}))) return std::nullopt;
  std::size_t end = RunEnd(at);
  while (text_[end - 1] != ';' && text_[end - 1] != ',') {
    const std::size_t next = SkipSpace(end);
    if (next >= text_.size() || StartsWith(next, "--") || StartsWith(next, "/*")) break;
    if (IsOptionAt(next) || IsOneOf(NameAt(next), {"SET"}) || At(next) == ';') break;
    end = RunEnd(next);
  }
  while (end > at + 1 && std::string_view(",;)").find(text_[end - 1]) != std::string_view::npos) --end;
  return ByteRange{at, end};
}

// The quote that closes the string around a secret word, not one that opens its value.
bool SecretValues::IsEndOfString(std::size_t quote) const {
  if (!surroundings_.balanced || !Is(quote, kInString) || At(quote + 1) == text_[quote]) return false;
  const char after = At(quote + 1);
  return after == '\0' || IsSpace(after) || kMayFollowString.find(after) != std::string_view::npos;
}

// 'password=' || 'x': what is appended to the string that ends before `at`.
std::vector<ByteRange> SecretValues::Appended(std::size_t at) const {
  at = SkipBlank(at);
  if (!StartsWith(at, "||")) return {};
  const auto quote = QuoteAt(SkipBlank(at + 2), false);
  return quote ? Strings(*quote) : std::vector<ByteRange>{};
}

// Whether word=value, the word at `begin`, is a setting of a URL or conninfo string and not SQL's a=b.
bool SecretValues::IsSetting(std::size_t begin, bool in_string) const {
  const char before = begin > 0 ? text_[begin - 1] : '\0';
  if (in_string || !surroundings_.balanced || before == '?' || before == '&' || before == ';') return true;
  const auto start = begin - std::min(begin, kUrlBytesMax);
  const auto line = text_.substr(start, begin - start);
  const auto newline = line.rfind('\n');
  return line.find("://", newline == std::string_view::npos ? 0 : newline) != std::string_view::npos;
}

std::vector<ByteRange> SecretValues::Of(SecretWord kind, std::size_t begin, std::size_t end) const {
  const bool in_string = Is(begin, kInString);
  const char before = begin > 0 ? text_[begin - 1] : '\0';
  std::size_t at = end;
  if (before == '"' && At(at) == '\\') ++at;
  const bool name_quoted = IsQuote(before) && At(at) == before;  // "PASSWORD" = .., {'password': ..}
  if (name_quoted) ++at;
  const bool tight = At(at) == '=';
  bool equals = false;
  at = SkipConnectors(at, in_string && !name_quoted, equals);
  if (at >= text_.size()) return {};
  if (kind == SecretWord::kShort && !Is(begin, kInLogin)) return {};
  const bool named = kind == SecretWord::kNamed && !Is(begin, kInLogin);
  const bool needs_equals = named || kind == SecretWord::kShort || (name_quoted && before == '\'');
  if (needs_equals && !equals) return {};

  if (const auto quote = QuoteAt(at, in_string)) {
    if (in_string && !name_quoted && text_[*quote - 1] != '\\' && IsEndOfString(*quote)) {
      return equals ? Appended(*quote + 1) : std::vector<ByteRange>{};
    }
    const bool within = in_string && (At(*quote + 1) == text_[*quote] || text_[*quote - 1] == '\\');
    if (within) return {StringWithin(*quote)};
    return Strings(*quote);
  }
  if (At(at) == '$') {
    const auto token = Scanner(text_.substr(at), false).Next();
    if (token.kind == TokenKind::kDollarString) {
      const std::size_t inside = at + static_cast<std::size_t>(token.Inside().data() - token.text.data());
      return {{inside, inside + token.Inside().size()}};
    }
  }
  if ((kind == SecretWord::kMisspelt || kind == SecretWord::kNamed) && !equals) return {};
  // PASSWORD=ENV 'V' behind a URL on the same line
  const bool reference =
      surroundings_.balanced && !in_string && IsSpace(before) && Is(begin, kInLogin) && IsPasswordReference(NameAt(at));
  if (tight && !reference && IsSetting(begin, in_string)) return {SettingValue(text_, at, true)};
  if (in_string && equals && !IsPasswordReference(NameAt(at))) return {SettingValue(text_, at, true)};
  if (!Is(begin, kInLogin)) return {};
  const auto bare = Bare(at, equals);
  return bare ? std::vector<ByteRange>{*bare} : std::vector<ByteRange>{};
}

ByteRange SettingValue(std::string_view text, std::size_t at, bool quoted) {
  // The end of what has no separator in it. A doubled or escaped quote may be part of it.
  const auto segment_end = [&](std::size_t i) {
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (IsSpace(c) || c == '&' || c == ';') break;
      if (!quoted) continue;
      if (text.substr(i, 2) == "*/") break;
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      const bool pair = (IsQuote(c) && next == c) || (c == '\\' && IsQuote(next));
      if (!pair && IsQuote(c)) break;
      if (pair) ++i;
    }
    return std::min(i, text.size());
  };
  std::size_t end = segment_end(at);
  for (;;) {
    std::size_t next = end;
    while (next < text.size() && (IsSpace(text[next]) || text[next] == '&' || text[next] == ';')) {
      if (quoted && IsNewlineByte(text[next])) return {at, end};
      ++next;
    }
    const std::size_t next_end = segment_end(next);
    if (next == end || next_end == next) return {at, end};
    if (text.substr(next, next_end - next).find('=') != std::string_view::npos) return {at, end};
    end = next_end;
  }
}

}  // namespace berth::parser
