#include "bind/password_source.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/option_values.h"
#include "parser/redact.h"

namespace berth::bind {
namespace {

using parser::Option;
using parser::ValueForm;

bool IsVariableName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), other);
}

Status BindPasswordVariable(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the variable of PASSWORD = ENV", kReferenceBytesMax));
  if (!IsVariableName(option.value.text)) {
    return ValueError(
        option, fmt::format("{} = ENV needs the name of an environment variable", option.name.name),
        "A name has letters, digits and '_' and does not begin with a digit: PASSWORD = ENV 'REDSHIFT_PASSWORD'.");
  }
  out = {.kind = PasswordKind::kEnv, .reference = option.value.text, .literal = {}, .secret = {}};
  return {};
}

Status BindPasswordFile(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the path of PASSWORD = FILE", kReferenceBytesMax));
  if (!option.value.text.starts_with('/')) {
    return ValueError(option, fmt::format("{} = FILE needs an absolute path", option.name.name),
                      "A connection is used from any folder: PASSWORD = FILE '/path/to/file'.");
  }
  out = {.kind = PasswordKind::kFile, .reference = option.value.text, .literal = {}, .secret = {}};
  return {};
}

Status BindPasswordCommand(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the command of PASSWORD = COMMAND", kReferenceBytesMax));
  if (!option.value.text.starts_with('/')) {
    return ValueError(option, fmt::format("{} = COMMAND needs the absolute path of a program", option.name.name),
                      "There is no shell and no search path: PASSWORD = COMMAND '/usr/bin/aws redshift ..'.");
  }
  out = {.kind = PasswordKind::kCommand, .reference = option.value.text, .literal = {}, .secret = {}};
  return {};
}

Status BindLiteral(const Option& option, PasswordSource& out) {
  const auto& what = option.name.name;
  if (option.value.text.empty()) {
    return ValueError(option, fmt::format("{} is empty", what), "Give the password, or ENV '..' or FILE '..'.");
  }
  if (option.value.text == parser::kMask) {
    return ValueError(option, fmt::format("{} is {}, which stands for a password in listings", what, parser::kMask),
                      "Put the password itself there.");
  }
  BERTH_TRY(CheckBytes(option, what, kPasswordBytesMax));
  out.literal = Secret(option.value.text);
  return {};
}

}  // namespace

Result<PasswordSource> PasswordSourceOf(const Option& option) {
  PasswordSource source;
  switch (option.value.form) {
    case ValueForm::kString:
      BERTH_TRY(BindLiteral(option, source));
      return source;
    case ValueForm::kEnv:
      BERTH_TRY(BindPasswordVariable(option, source));
      return source;
    case ValueForm::kFile:
      BERTH_TRY(BindPasswordFile(option, source));
      return source;
    case ValueForm::kCommand:
      BERTH_TRY(BindPasswordCommand(option, source));
      return source;
    case ValueForm::kPrompt:
      source.kind = PasswordKind::kPrompt;
      return source;
    case ValueForm::kSecret:
      source.kind = PasswordKind::kSecret;
      source.secret = {.name = option.value.text, .span = option.value.span};
      return source;
    case ValueForm::kNumber:
    case ValueForm::kBoolean:
    case ValueForm::kIdentifier:
    case ValueForm::kDuration:
    case ValueForm::kList:
    case ValueForm::kTimestamp:
      break;
  }
  return ValueError(option,
                    fmt::format("{} takes a string, SECRET, ENV, FILE, COMMAND or PROMPT, not {}", option.name.name,
                                FormName(option.value.form)),
                    "A password stands in single quotes: PASSWORD = '..'.");
}

}  // namespace berth::bind
