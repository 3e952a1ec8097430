#include "shell/json_format.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.h"

namespace berth::shell {
namespace {

bool NeedsCare(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
  });
}

// What is no UTF-8 (a server with SQL_ASCII can send it) becomes U+FFFD: the output must be JSON.
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

// `append` takes a string_view.
template <class Append>
void WriteEscaped(std::string_view text, Append append) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') continue;
    append(text.substr(done, i - done));
    done = i + 1;
    switch (c) {
      case '"':
        append("\\\"");
        break;
      case '\\':
        append("\\\\");
        break;
      case '\n':
        append("\\n");
        break;
      case '\r':
        append("\\r");
        break;
      case '\t':
        append("\\t");
        break;
      default: {
        const std::array<char, 6> escape{'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
        append(std::string_view(escape.data(), escape.size()));
      }
    }
  }
  append(text.substr(done));
}

template <class Append>
void WriteString(std::string_view text, Append append) {
  append("\"");
  if (!NeedsCare(text)) {
    append(text);
  } else if (base::IsValidUtf8(text)) {
    WriteEscaped(text, append);
  } else {
    WriteEscaped(MadeValid(text), append);
  }
  append("\"");
}

std::size_t Digits(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9') ++count;
  return count;
}

// By JSON's grammar: NaN, Infinity, "", "010" and "+1" are not.
bool IsJsonNumber(std::string_view text, bool integer) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = Digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (integer) return at == text.size();
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = Digits(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = Digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

// What may be written as it is, without quotes; empty: write a string.
std::string_view Native(std::string_view text, ValueKind kind) {
  switch (kind) {
    case ValueKind::kBoolean:
      if (text == "t" || text == "true") return "true";
      if (text == "f" || text == "false") return "false";
      return {};
    case ValueKind::kInteger:
      return IsJsonNumber(text, true) ? text : std::string_view();
    case ValueKind::kFloat:
      return IsJsonNumber(text, false) ? text : std::string_view();
    case ValueKind::kText:
    case ValueKind::kNumeric:
      break;
  }
  return {};
}

}  // namespace

void JsonFormat::Begin(std::span<const Column> columns) {
  keys_.clear();
  kinds_.clear();
  for (const auto& column : columns) {
    std::string& key = keys_.emplace_back();
    WriteString(column.name, [&](std::string_view text) { key += text; });
    key += ':';
    kinds_.push_back(column.kind);
  }
  first_row_ = true;
  out_.Append('[');
}

void JsonFormat::Row(std::span<const Field> fields) {
  out_.Append(first_row_ ? "{" : ",\n{");
  first_row_ = false;
  const std::size_t count = std::min(fields.size(), keys_.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out_.Append(',');
    out_.Append(keys_[i]);
    if (!fields[i]) {
      out_.Append("null");
    } else if (const auto native = Native(*fields[i], kinds_[i]); !native.empty()) {
      out_.Append(native);
    } else {
      WriteString(*fields[i], [&](std::string_view text) { out_.Append(text); });
    }
  }
  out_.Append('}');
}

void JsonFormat::End() {
  out_.Append("]\n");
}

void JsonFormat::Abandon() {
  out_.Append('\n');
}

}  // namespace berth::shell
