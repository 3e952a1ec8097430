#include "shell/meta_words.h"

#include "base/strings.h"

namespace berth::shell {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

// What stands between single quotes; `at` is behind the first, and comes to be behind the last.
std::string Quoted(std::string_view text, std::size_t& at) {
  std::string out;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '\'') {
      if (at == text.size() || text[at] != '\'') break;
      ++at;
      out += '\'';
    } else if (c == '\\' && at < text.size()) {
      out += Unescaped(text[at++]);
    } else {
      out += c;
    }
  }
  return out;
}

// :name, :'name' or :"name" at `at`; where no such variable is set, the colon itself.
std::string Variable(std::string_view text, std::size_t& at, const Variables& variables) {
  std::size_t begin = at + 1;
  if (const auto is_set = variables.IsSetTest(text.substr(at))) {
    at += is_set->length;
    return std::string(is_set->value);
  }
  const char quote = begin < text.size() && (text[begin] == '\'' || text[begin] == '"') ? text[begin] : '\0';
  if (quote != '\0') ++begin;
  std::size_t end = begin;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  const bool closed = quote == 0 || (end < text.size() && text[end] == quote);
  const auto* value = closed ? variables.Find(text.substr(begin, end - begin)) : nullptr;
  if (value == nullptr) {
    ++at;
    return ":";
  }
  at = end + (quote != 0 ? 1 : 0);
  if (quote == '\'') return base::QuoteLiteral(*value);
  return quote == '"' ? base::QuoteIdentifier(*value) : *value;
}

}  // namespace

std::optional<std::string> TakeMetaWord(std::string_view& text, const Variables& variables) {
  std::size_t at = 0;
  while (at < text.size() && IsBlank(text[at])) ++at;
  text.remove_prefix(at);
  if (text.empty() || text.front() == '\\') return std::nullopt;
  std::string word;
  bool in_name = false;
  for (at = 0; at < text.size() && (in_name || (!IsBlank(text[at]) && text[at] != '\\'));) {
    const char c = text[at];
    if (c == '"') in_name = !in_name;
    if (c == '\'' && !in_name) {
      word += Quoted(text, ++at);
    } else if (c == ':' && !in_name) {
      word += Variable(text, at, variables);
    } else {
      word += c;
      ++at;
    }
  }
  text.remove_prefix(at);
  return word;
}

}  // namespace berth::shell
