#include "statements/json_text.h"

#include <algorithm>

#include "base/strings.h"

namespace berth::statements {
namespace {

bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void AppendEscaped(std::string& json, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      json += "\\\"";
      return;
    case '\\':
      json += "\\\\";
      return;
    case '\n':
      json += "\\n";
      return;
    case '\r':
      json += "\\r";
      return;
    case '\t':
      json += "\\t";
      return;
    default:
      json += "\\u00";
      json += kHex[static_cast<unsigned char>(c) >> 4U];
      json += kHex[static_cast<unsigned char>(c) & 0x0FU];
  }
}

void AppendPlain(std::string& json, std::string_view text) {
  const auto* at = text.begin();
  while (at != text.end()) {
    const auto* special = std::find_if_not(at, text.end(), IsPlain);
    json.append(at, special);
    if (special == text.end()) return;
    AppendEscaped(json, *special);
    at = special + 1;
  }
}

// How many bytes the character that begins here has; 0: it is no UTF-8.
std::size_t CharacterSize(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
    if (base::IsValidUtf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

void AppendJsonString(std::string& json, std::string_view text) {
  json += '"';
  if (base::IsValidUtf8(text)) {
    AppendPlain(json, text);
  } else {
    while (!text.empty()) {
      const auto size = CharacterSize(text);
      if (size == 0) {
        json += "\xEF\xBF\xBD";
      } else {
        AppendPlain(json, text.substr(0, size));
      }
      text.remove_prefix(std::max<std::size_t>(size, 1));
    }
  }
  json += '"';
}

}  // namespace berth::statements
