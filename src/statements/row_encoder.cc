#include "statements/row_encoder.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/crypto.h"
#include "statements/json_text.h"

namespace berth::statements {
namespace {

constexpr std::uint32_t kBlankPaddedOid = 1042;

std::string_view WithoutPadding(std::string_view text) {
  const auto end = text.find_last_not_of(' ');
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

bool IsInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

// A double of which the server gave the text; a REAL is widened, as the drivers do. What JSON has no number for is
// written as the service's clients read it: "NaN", "Infinity", "-Infinity".
void AppendDouble(std::string& json, std::string_view text, bool real) {
  double number = 0;
  const char* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, number);
  if (real) {
    float narrow = 0;
    read = std::from_chars(text.data(), end, narrow);
    number = static_cast<double>(narrow);
  }
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) {
    json += R"({"doubleValue":)";
    AppendJsonString(json, text);
    json += '}';
    return;
  }
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  json += R"({"doubleValue":)";
  json.append(digits.data(), written.ptr);
  json += '}';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The server's "\x0aff", as bytes; another text (the server's old escapes) as it is.
std::string BytesOf(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::string(text);
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::string(text);
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

void AppendField(std::string& json, std::string_view text, FieldMember member) {
  switch (member) {
    case FieldMember::kLong:
      if (!IsInteger(text)) break;
      json += R"({"longValue":)";
      json += text;
      json += '}';
      return;
    case FieldMember::kDouble:
      return AppendDouble(json, text, false);
    case FieldMember::kReal:
      return AppendDouble(json, text, true);
    case FieldMember::kBoolean:
      json += text == "t" || text == "true" ? R"({"booleanValue":true})" : R"({"booleanValue":false})";
      return;
    case FieldMember::kBlob:
      json += R"({"blobValue":")";
      json += base::EncodeBase64(BytesOf(text));
      json += R"("})";
      return;
    case FieldMember::kString:
      break;
  }
  json += R"({"stringValue":)";
  AppendJsonString(json, text);
  json += '}';
}

// RFC 4180: quoted where it must be, and where it is empty, for NULL is nothing at all.
void AppendCsv(std::string& line, std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace

RowEncoder::RowEncoder(ResultFormat format, std::span<const Column> columns) : format_(format) {
  for (const auto& column : columns) {
    kinds_.push_back({.member = MemberOf(column.type_oid), .blank_padded = column.type_oid == kBlankPaddedOid});
    names_.push_back(column.name);
  }
}

void RowEncoder::Append(std::string& page, std::span<const Field> row) const {
  const bool csv = format_ == ResultFormat::kCsv;
  if (!csv) page += '[';
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) page += ',';
    if (!row[i]) {
      if (!csv) page += R"({"isNull":true})";
      continue;
    }
    const auto value = kinds_[i].blank_padded ? WithoutPadding(*row[i]) : *row[i];
    if (csv) {
      AppendCsv(page, value);
    } else {
      AppendField(page, value, kinds_[i].member);
    }
  }
  page += csv ? "\r\n" : "]";
}

std::string RowEncoder::Header() const {
  std::string line;
  if (format_ != ResultFormat::kCsv) return line;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) line += ',';
    AppendCsv(line, names_[i]);
  }
  return line += "\r\n";
}

}  // namespace berth::statements
