#include "dataapi/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/strings.h"

namespace berth::dataapi {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the UTF-8 character that `text` begins with; 0: it begins with none.
std::size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return length <= text.size() && base::IsValidUtf8(text.substr(0, length)) ? length : 0;
}

void AppendEscape(std::string& out, char c) {
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
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

}  // namespace

void JsonText::Comma() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[') out_ += ',';
}

void JsonText::Name(std::string_view name) {
  Comma();
  Quoted(name);
  out_ += ':';
}

void JsonText::Quoted(std::string_view value) {
  out_ += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < value.size();) {
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte >= 0x20 && byte < 0x80 && value[i] != '"' && value[i] != '\\') {
      ++i;
      continue;
    }
    const auto length = byte < 0x80 ? 0 : CharacterLength(value.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    out_.append(value.substr(done, i - done));
    if (byte < 0x80) {
      AppendEscape(out_, value[i]);
    } else {
      out_ += kReplacement;
    }
    done = ++i;
  }
  out_.append(value.substr(done));
  out_ += '"';
}

void JsonText::Begin(char bracket) {
  Comma();
  out_ += bracket;
}

void JsonText::Begin(std::string_view name, char bracket) {
  Name(name);
  out_ += bracket;
}

void JsonText::End(char bracket) {
  out_ += bracket;
}

void JsonText::Text(std::string_view name, std::string_view value) {
  Name(name);
  Quoted(value);
}

void JsonText::TextIfAny(std::string_view name, std::string_view value) {
  if (!value.empty()) Text(name, value);
}

void JsonText::Number(std::string_view name, std::int64_t value) {
  Name(name);
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonText::Boolean(std::string_view name, bool value) {
  Name(name);
  out_ += value ? "true" : "false";
}

void JsonText::Time(std::string_view name, Clock::Wall value) {
  Name(name);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(value.time_since_epoch()).count();
  fmt::format_to(std::back_inserter(out_), "{}.{:03}", ms / 1000, ms % 1000);
}

void JsonText::Element(std::string_view value) {
  Comma();
  Quoted(value);
}

void JsonText::Verbatim(std::string_view name, std::string_view json) {
  Name(name);
  out_.append(json);
}

}  // namespace berth::dataapi
