#include "shell/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.h"

namespace berth::shell {
namespace {

std::string MadeValid(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= std::min<std::size_t>(4, text.size()) && !base::IsValidUtf8(text.substr(0, length))) ++length;
    if (length > std::min<std::size_t>(4, text.size())) {
      out += "\xEF\xBF\xBD";
      length = 1;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string Escaped(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') {
      out += c;
      continue;
    }
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        const std::array<char, 6> escape{'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
        out.append(escape.data(), escape.size());
      }
    }
  }
  return out;
}

}  // namespace

bool IsPlainJson(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
  });
}

std::string JsonQuoted(std::string_view text) {
  return '"' + (base::IsValidUtf8(text) ? Escaped(text) : Escaped(MadeValid(text))) + '"';
}

}  // namespace berth::shell
