#include "shell/json_format.h"

#include <algorithm>

#include "shell/json_text.h"

namespace berth::shell {
namespace {

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
    keys_.push_back(JsonQuoted(column.name) + ':');
    kinds_.push_back(column.kind);
  }
  first_row_ = true;
  if (shape_ == Shape::kArray) out_.Append('[');
}

void JsonFormat::Row(std::span<const Field> fields) {
  out_.Append(first_row_ || shape_ == Shape::kLines ? "{" : ",\n{");
  first_row_ = false;
  const std::size_t count = std::min(fields.size(), keys_.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out_.Append(',');
    out_.Append(keys_[i]);
    if (!fields[i]) {
      out_.Append("null");
    } else if (const auto native = Native(*fields[i], kinds_[i]); !native.empty()) {
      out_.Append(native);
    } else if (IsPlainJson(*fields[i])) {
      out_.Append('"');
      out_.Append(*fields[i]);
      out_.Append('"');
    } else {
      out_.Append(JsonQuoted(*fields[i]));
    }
  }
  out_.Append(shape_ == Shape::kLines ? "}\n" : "}");
}

void JsonFormat::End() {
  if (shape_ == Shape::kArray) out_.Append("]\n");
}

void JsonFormat::Abandon() {
  if (shape_ == Shape::kArray) out_.Append('\n');
}

}  // namespace berth::shell
