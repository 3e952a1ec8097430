#include "shell/variables.h"

#include <fmt/core.h>

#include <cctype>
#include <cstdint>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "parser/scan.h"

namespace berth::shell {
namespace {

// The bytes of a name at the front of `text`.
std::size_t NameLength(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fits = byte < 0x80 && (std::isalpha(byte) != 0 || c == '_' || (length > 0 && std::isdigit(byte) != 0));
    if (!fits) break;
    ++length;
  }
  return length;
}

}  // namespace

Status Variables::Set(std::string_view name, std::string_view value) {
  if (name.empty() || NameLength(name) != name.size()) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("\"{}\" cannot be the name of a variable", name),
                 .hint = "A name begins with a letter or _, letters, digits and _ follow: --set NAME=VALUE."};
  }
  values_.insert_or_assign(std::string(name), std::string(value));
  given_ = true;
  return {};
}

void Variables::Unset(std::string_view name) {
  if (const auto found = values_.find(name); found != values_.end()) values_.erase(found);
}

const std::string* Variables::Find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<Variables::SetTest> Variables::IsSetTest(std::string_view text) const {
  constexpr std::string_view kBegin = ":{?";
  if (!text.starts_with(kBegin)) return std::nullopt;
  const auto name = text.substr(kBegin.size(), NameLength(text.substr(kBegin.size())));
  const std::size_t brace = kBegin.size() + name.size();
  if (name.empty() || brace >= text.size() || text[brace] != '}') return std::nullopt;
  return SetTest{.length = brace + 1, .value = Find(name) != nullptr ? "TRUE" : "FALSE"};
}

Result<std::string> Variables::Replace(std::string_view text, bool backslash_escapes) const {
  BERTH_ASSIGN(const auto braces, ReplaceBraces(text));
  return ReplaceColons(braces, backslash_escapes);
}

std::string Variables::ReplaceColons(std::string_view text, bool backslash_escapes) const {
  std::string out;
  if (text.find(':') == std::string_view::npos) return out.append(text);
  std::size_t done = 0;
  parser::Scanner scanner(text, backslash_escapes);
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd;) {
    const auto next = scanner.Next();
    const bool cast = token.offset > 0 && text[token.offset - 1] == ':';  // a::text is no variable
    if (const auto is_set = token.IsSymbol(':') && !cast ? IsSetTest(text.substr(token.offset)) : std::nullopt) {
      out.append(text.substr(done, token.offset - done)).append(is_set->value);
      done = token.offset + is_set->length;
    }
    const bool name = next.kind == parser::TokenKind::kWord || next.kind == parser::TokenKind::kString ||
                      next.kind == parser::TokenKind::kQuotedIdentifier;
    if (token.IsSymbol(':') && !cast && name && next.offset == token.offset + 1) {
      const bool bare = next.kind == parser::TokenKind::kWord;
      const auto inside = bare ? next.text.substr(0, NameLength(next.text)) : next.Inside();
      if (const auto* value = Find(inside); value != nullptr) {
        out.append(text.substr(done, token.offset - done));
        out += bare                                      ? *value
               : next.kind == parser::TokenKind::kString ? LiteralOf(*value, backslash_escapes)
                                                         : base::QuoteIdentifier(*value);
        done = bare ? next.offset + inside.size() : next.end();
      }
    }
    token = next;
  }
  return out.append(text.substr(done));
}

std::string LiteralOf(std::string_view value, bool backslash_escapes) {
  std::string literal = base::QuoteLiteral(value);
  if (!backslash_escapes) return literal;
  for (auto at = literal.find('\\'); at != std::string::npos; at = literal.find('\\', at + 2))
    literal.insert(at, 1, '\\');
  return literal;
}

Result<std::string> Variables::ReplaceBraces(std::string_view text) const {
  std::string out;
  if (!given_) return out.append(text);
  std::size_t done = 0;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    std::size_t dollars = 1;
    while (dollars <= at && text[at - dollars] == '$') ++dollars;
    const std::size_t length = NameLength(text.substr(at + 2));
    const std::size_t brace = at + 2 + length;
    if (dollars % 2 == 0 || length == 0 || brace >= text.size() || text[brace] != '}') continue;
    const auto name = text.substr(at + 2, length);
    const auto* const set = Find(name);
    auto value = set != nullptr ? std::optional<std::string>(*set) : std::nullopt;
    if (!value && fallback_) value = fallback_(std::string(name));
    if (!value) {
      std::vector<std::string_view> known;
      for (const auto& [other, _] : values_) known.emplace_back(other);
      const auto meant = base::DidYouMean(name, known);
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("no variable is named {}", name),
                   .hint = meant ? fmt::format("Did you mean ${{{}}}?", *meant)
                                 : fmt::format("Give it with --set {0}=VALUE or \\set {0} VALUE.", name),
                   .span = SourceSpan{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(length + 3)}};
    }
    out.append(text.substr(done, at - done)).append(*value);
    done = brace + 1;
  }
  return out.append(text.substr(done));
}

}  // namespace berth::shell
