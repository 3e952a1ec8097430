#include "parser/print_value.h"

#include <algorithm>

#include "base/strings.h"
#include "parser/redact.h"
#include "parser/words.h"

namespace berth::parser {
namespace {

std::string QuoteName(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out += '"';
}

// Wide on purpose: a name that only looks like a secret's costs nothing.
bool IsSecretName(std::string_view name) {
  const std::string upper = base::ToUpper(name);
  constexpr std::string_view kSigns[] = {"PASSWORD", "PASSWD", "PWD", "SECRET", "TOKEN", "CREDENTIAL", "KEY"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return upper.find(sign) != std::string::npos; });
}

std::string Literal(std::string_view text, PrintMode mode) {
  return base::QuoteLiteral(mode == PrintMode::kRedacted ? RedactUrl(text) : std::string(text));
}

std::string PrintList(const std::vector<std::string>& list, PrintMode mode) {
  std::string out = "(";
  for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + Literal(item, mode);
  return out + ")";
}

}  // namespace

std::string PrintName(std::string_view name, PrintMode mode) {
  if (mode == PrintMode::kStable || IsKeyword(name)) return QuoteName(name);
  return base::QuoteIdentifier(name);
}

std::string PrintTable(const TableName& name, PrintMode mode) {
  return PrintName(name.connection.name, mode) + "." + PrintName(name.schema.name, mode) + "." +
         PrintName(name.table.name, mode);
}

std::string PrintValue(const Value& value, std::string_view name, PrintMode mode) {
  const bool masked = mode == PrintMode::kRedacted && IsSecretName(name);
  const std::string mask = base::QuoteLiteral(kMask);
  switch (value.form) {
    case ValueForm::kString:
      return masked ? mask : Literal(value.text, mode);
    case ValueForm::kNumber:
      return masked ? mask : value.text;
    case ValueForm::kBoolean:
      return base::ToUpper(value.text);
    case ValueForm::kIdentifier:
      return masked ? mask : PrintName(value.text, mode);
    case ValueForm::kDuration:
      return masked ? mask : value.text + " " + base::ToUpper(value.unit) + (value.text == "1" ? "" : "S");
    case ValueForm::kList:
      return masked ? mask : PrintList(value.list, mode);
    case ValueForm::kSecret:
      return "SECRET " + PrintName(value.text, mode);
    case ValueForm::kEnv:
      return "ENV " + base::QuoteLiteral(value.text);
    case ValueForm::kFile:
      return "FILE " + base::QuoteLiteral(value.text);
    case ValueForm::kCommand:
      return "COMMAND " + Literal(value.text, mode);
    case ValueForm::kTimestamp:
      return "TIMESTAMP " + (masked ? mask : Literal(value.text, mode));
    case ValueForm::kPrompt:
      return "PROMPT";
  }
  return {};
}

std::string PrintOption(const Option& option, PrintMode mode) {
  return option.name.name + " = " + PrintValue(option.value, option.name.name, mode);
}

std::string PrintTail(const std::string& text, PrintMode mode) {
  return mode == PrintMode::kRedacted ? Redact(text).text : text;
}

std::string PrintDollarText(const std::string& text, PrintMode mode) {
  const std::string shown = PrintTail(text, mode);
  std::string quote = "$$";
  for (int i = 1; (shown + quote).find(quote) != shown.size(); ++i) quote = "$q" + std::to_string(i) + "$";
  return quote + shown + quote;
}

}  // namespace berth::parser
