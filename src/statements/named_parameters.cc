#include "statements/named_parameters.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/try.h"
#include "parser/scan.h"

namespace berth::statements {
namespace {

bool IsParameterByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The name that stands right after a colon; empty: none does.
std::string_view NameAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsParameterByte(text[end])) ++end;
  return text.substr(at, end - at);
}

// The tokens of a text from anywhere in it on, with offsets in the whole.
class Tokens {
 public:
  Tokens(std::string_view text, bool backslash_escapes)
      : text_(text), backslash_escapes_(backslash_escapes), scanner_(text, backslash_escapes) {}
  parser::Token Next() {
    auto token = scanner_.Next();
    token.offset += base_;
    return token;
  }
  void GoOnAt(std::size_t offset) {
    base_ = offset;
    scanner_ = parser::Scanner(text_.substr(offset), backslash_escapes_);
  }

 private:
  std::string_view text_;
  bool backslash_escapes_;
  std::size_t base_ = 0;
  parser::Scanner scanner_;
};

}  // namespace

std::size_t BoundText::OriginalOffset(std::size_t offset) const {
  std::size_t shift = 0;  // grows as names are longer than $n
  std::size_t back = 0;
  for (const auto& one : replaced) {
    if (offset < one.offset) break;
    if (offset < one.offset + one.length) return one.original_offset;
    shift += one.original_length;
    back += one.length;
  }
  return offset + shift - back;
}

Result<BoundText> BindNamed(std::string_view sql, std::span<const SqlParameter> parameters, bool backslash_escapes) {
  BoundText bound;
  std::size_t copied = 0;
  Tokens tokens(sql, backslash_escapes);
  for (auto token = tokens.Next(); token.kind != parser::TokenKind::kEnd; token = tokens.Next()) {
    if (token.kind == parser::TokenKind::kParameter && !parameters.empty()) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("{} stands in a statement that has named parameters: write :name for all of "
                                          "them",
                                          token.text)};
    }
    if (!token.IsSymbol(':')) continue;
    if (token.end() < sql.size() && sql[token.end()] == ':') {  // a cast
      tokens.GoOnAt(token.end() + 1);
      continue;
    }
    const auto name = NameAt(sql, token.end());
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const SqlParameter& parameter) { return parameter.name == name; });
    if (name.empty() || found == parameters.end()) continue;
    auto place = std::find(bound.used.begin(), bound.used.end(), name);
    if (place == bound.used.end()) {
      bound.used.emplace_back(found->name);
      bound.values.emplace_back(found->value);
      place = bound.used.end() - 1;
    }
    bound.text += sql.substr(copied, token.offset - copied);
    const auto number = fmt::format("${}", place - bound.used.begin() + 1);
    bound.replaced.push_back({.offset = bound.text.size(),
                              .length = number.size(),
                              .original_offset = token.offset,
                              .original_length = 1 + name.size()});
    bound.text += number;
    copied = token.end() + name.size();
    tokens.GoOnAt(copied);
  }
  bound.text += sql.substr(copied);
  return bound;
}

Status CheckParameters(std::span<const std::string> sqls, std::span<const SqlParameter> parameters,
                       bool backslash_escapes) {
  std::set<std::string_view> names;
  for (const auto& parameter : parameters) {
    if (!names.insert(parameter.name).second) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("Parameters list contains the name {} twice.", parameter.name)};
    }
  }
  if (parameters.empty()) return {};
  for (const auto& sql : sqls) {
    BERTH_ASSIGN(const auto bound, BindNamed(sql, parameters, backslash_escapes));
    for (const auto used : bound.used) names.erase(used);
  }
  if (names.empty()) return {};
  std::string unused;
  for (const auto& parameter : parameters) {
    if (names.contains(parameter.name)) unused += (unused.empty() ? "" : ", ") + parameter.name;
  }
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("Parameters list contains unused parameters. Unused parameters: [{}]", unused)};
}

}  // namespace berth::statements
