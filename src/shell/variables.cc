#include "shell/variables.h"

#include <fmt/core.h>

#include <cctype>
#include <cstdint>
#include <vector>

#include "base/strings.h"

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
  return {};
}

std::optional<std::string> Variables::Find(std::string_view name) const {
  if (const auto value = values_.find(name); value != values_.end()) return value->second;
  return fallback_ ? fallback_(std::string(name)) : std::nullopt;
}

Result<std::string> Variables::Replace(std::string_view text) const {
  std::string out;
  if (values_.empty() && !fallback_) return out.append(text);
  std::size_t done = 0;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    std::size_t dollars = 1;
    while (dollars <= at && text[at - dollars] == '$') ++dollars;
    const std::size_t length = NameLength(text.substr(at + 2));
    const std::size_t brace = at + 2 + length;
    if (dollars % 2 == 0 || length == 0 || brace >= text.size() || text[brace] != '}') continue;
    const auto name = text.substr(at + 2, length);
    const auto value = Find(name);
    if (!value) {
      std::vector<std::string_view> known;
      for (const auto& [other, _] : values_) known.emplace_back(other);
      const auto meant = base::DidYouMean(name, known);
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("no variable is named {}", name),
                   .hint = meant ? fmt::format("Did you mean ${{{}}}?", *meant)
                                 : fmt::format("Give it with --set {}=VALUE.", name),
                   .span = SourceSpan{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(length + 3)}};
    }
    out.append(text.substr(done, at - done)).append(*value);
    done = brace + 1;
  }
  return out.append(text.substr(done));
}

}  // namespace berth::shell
