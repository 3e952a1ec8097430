#include "statements/page_token.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::statements {
namespace {

constexpr char kEnd = '\0';

Error Bad() {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "NextToken is not one that this operation returned for these arguments."};
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

// Each part and a NUL byte (names hold none), as hexadecimal digits: no client changes those on the way.
std::string WriteToken(const PageToken& token) {
  std::string bytes = token.of + kEnd;
  for (const auto& part : token.after) bytes += part + kEnd;
  return Hex(bytes);
}

Result<PageToken> ReadToken(std::string_view text, std::string_view of) {
  if (text.size() % 2 != 0 || text.size() > kTokenBytesMax) return Bad();
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = Digit(text[i]);
    const int low = Digit(text[i + 1]);
    if (high < 0 || low < 0) return Bad();
    const char c = static_cast<char>(high * 16 + low);
    if (c == kEnd) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() < 3 || parts.size() > kTokenPartsMax + 2 || !parts.back().empty() || parts.front() != of) {
    return Bad();
  }
  PageToken token{.of = std::string(of), .after = {}};
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    if (!base::IsValidUtf8(parts[i])) return Bad();
    token.after.push_back(std::move(parts[i]));
  }
  return token;
}

Result<std::int64_t> ReadNumberToken(std::string_view text, std::string_view of) {
  BERTH_ASSIGN(const auto token, ReadToken(text, of));
  const auto& part = token.after.front();
  std::int64_t number = 0;
  const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
  if (token.after.size() != 1 || read.ec != std::errc() || read.ptr != part.data() + part.size() || number < 0) {
    return Bad();
  }
  return number;
}

}  // namespace berth::statements
