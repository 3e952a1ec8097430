#include "bind/connection_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/try.h"
#include "bind/connection_url.h"
#include "bind/option_names.h"
#include "bind/option_values.h"
#include "bind/tuning_options.h"
#include "parser/redact.h"

namespace berth::bind {
namespace {

using parser::Option;
using parser::ValueForm;

// The URL's own error points into the URL; it points into the statement if the literal stands there as it is.
Error InStatement(Error error, const Option& option) {
  const auto& value = option.value;
  const bool verbatim = value.span.length == value.text.size() + 2;
  if (error.span && verbatim) {
    error.span->offset += value.span.offset + 1;
    error.span->length = std::max<std::uint32_t>(1, error.span->length);
  } else {
    error.span = value.span;
  }
  return error;
}

Status BindConnectionString(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(auto text, StringOf(option, "'jdbc:redshift://host:5439/database'"));
  if (auto url = ParseConnectionUrl(text); !url.ok()) return InStatement(std::move(url).TakeError(), option);
  out.connection_string = std::move(text);
  return {};
}

Status BindUserName(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(auto text, StringOf(option, "'name of the database user'"));
  if (text.empty()) return ValueError(option, "USER_NAME is empty", "Give the name of the database user.");
  BERTH_TRY(CheckBytes(option, "USER_NAME", kUserNameBytesMax));
  out.user_name = std::move(text);
  return {};
}

bool IsVariableName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), other);
}

Status BindPasswordVariable(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the variable of PASSWORD = ENV", kReferenceBytesMax));
  if (!IsVariableName(option.value.text)) {
    return ValueError(
        option, "PASSWORD = ENV needs the name of an environment variable",
        "A name has letters, digits and '_' and does not begin with a digit: PASSWORD = ENV 'REDSHIFT_PASSWORD'.");
  }
  out = {.kind = PasswordKind::kEnv, .reference = option.value.text, .literal = {}};
  return {};
}

Status BindPasswordFile(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the path of PASSWORD = FILE", kReferenceBytesMax));
  if (!option.value.text.starts_with('/')) {
    return ValueError(option, "PASSWORD = FILE needs an absolute path",
                      "A connection is used from any folder: PASSWORD = FILE '/path/to/file'.");
  }
  out = {.kind = PasswordKind::kFile, .reference = option.value.text, .literal = {}};
  return {};
}

Status BindPasswordCommand(const Option& option, PasswordSource& out) {
  BERTH_TRY(CheckBytes(option, "the command of PASSWORD = COMMAND", kReferenceBytesMax));
  if (!option.value.text.starts_with('/')) {
    return ValueError(option, "PASSWORD = COMMAND needs the absolute path of a program",
                      "There is no shell and no search path: PASSWORD = COMMAND '/usr/bin/aws redshift ..'.");
  }
  out = {.kind = PasswordKind::kCommand, .reference = option.value.text, .literal = {}};
  return {};
}

// Nothing of the value is repeated here, whatever its form: a password without its quotes is a password still.
Status BindPassword(const Option& option, ConnectionOptions& out) {
  const auto form = option.value.form;
  PasswordSource source;
  switch (form) {
    case ValueForm::kString:
      if (option.value.text.empty()) {
        return ValueError(option, "PASSWORD is empty", "Give the password, or ENV '..' or FILE '..'.");
      }
      if (option.value.text == parser::kMask) {
        return ValueError(option, fmt::format("PASSWORD is {}, which stands for a password in listings", parser::kMask),
                          "Put the password itself there.");
      }
      BERTH_TRY(CheckBytes(option, "PASSWORD", kPasswordBytesMax));
      source.literal = Secret(option.value.text);
      break;
    case ValueForm::kEnv:
      BERTH_TRY(BindPasswordVariable(option, source));
      break;
    case ValueForm::kFile:
      BERTH_TRY(BindPasswordFile(option, source));
      break;
    case ValueForm::kCommand:
      BERTH_TRY(BindPasswordCommand(option, source));
      break;
    case ValueForm::kPrompt:
      source.kind = PasswordKind::kPrompt;
      break;
    case ValueForm::kSecret:
      return Error{.code = ErrorCode::kNotSupported,
                   .message = fmt::format("PASSWORD = {} is not supported by this version", FormName(form)),
                   .hint = "Use a string, ENV 'variable', FILE '/path', COMMAND '/program arg ..' or PROMPT.",
                   .span = option.value.span};
    case ValueForm::kNumber:
    case ValueForm::kBoolean:
    case ValueForm::kIdentifier:
    case ValueForm::kDuration:
    case ValueForm::kList:
      return ValueError(option,
                        fmt::format("PASSWORD takes a string, ENV, FILE, COMMAND or PROMPT, not {}", FormName(form)),
                        "A password stands in single quotes: PASSWORD = '..'.");
  }
  out.password = std::move(source);
  return {};
}

Status BindMaxConcurrentConnections(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(out.max_concurrent_connections, CountOf(option, 1, kSessionsMax));
  return {};
}

Status BindComment(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(out.comment, CommentOf(option));
  return {};
}

constexpr OptionFacts kTable[] = {
#define BERTH_OPTION(name, binder, type, range, default_value, required, secret, alterable, unsettable, description) \
  {name, type, range, default_value, description, required, secret, alterable, unsettable},
#define BERTH_LATER_OPTION(name)
#include "bind/option_table.def"
#undef BERTH_LATER_OPTION
#undef BERTH_OPTION
};
constexpr std::string_view kLater[] = {
#define BERTH_OPTION(name, binder, type, range, default_value, required, secret, alterable, unsettable, description)
#define BERTH_LATER_OPTION(name) name,
#include "bind/option_table.def"
#undef BERTH_LATER_OPTION
#undef BERTH_OPTION
};
using Binder = Status (*)(const Option&, ConnectionOptions&);
constexpr Binder kBinders[] = {
#define BERTH_OPTION(name, binder, type, range, default_value, required, secret, alterable, unsettable, description) \
  binder,
#define BERTH_LATER_OPTION(name)
#include "bind/option_table.def"
#undef BERTH_LATER_OPTION
#undef BERTH_OPTION
};

OptionNames ConnectionOptionNames() {
  OptionNames names{.object = "connection", .known = {}, .later = kLater};
  for (const auto& row : kTable) names.known.push_back(row.name);
  return names;
}

// `name` is known.
std::size_t RowOf(std::string_view name) {
  const auto* const row =
      std::find_if(std::begin(kTable), std::end(kTable), [&](const OptionFacts& facts) { return facts.name == name; });
  return static_cast<std::size_t>(row - std::begin(kTable));
}

Status CheckNothingMissing(const parser::CreateConnection& statement) {
  std::string missing;
  for (const auto& row : kTable) {
    const bool given = std::any_of(statement.options.begin(), statement.options.end(),
                                   [&](const Option& option) { return option.name.name == row.name; });
    if (row.required && !given) missing += (missing.empty() ? "" : ", ") + std::string(row.name);
  }
  if (missing.empty()) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("the connection lacks {}", missing),
               .hint = "CREATE REDSHIFT CONNECTION needs CONNECTION_STRING = '..' USER_NAME = '..' PASSWORD = '..'.",
               .span = statement.name.span};
}

Result<ConnectionOptions> BindValues(const std::vector<Option>& options) {
  ConnectionOptions out;
  for (const auto& option : options) BERTH_TRY(kBinders[RowOf(option.name.name)](option, out));
  return out;
}

}  // namespace

std::span<const OptionFacts> OptionTable() {
  return kTable;
}

Result<ConnectionOptions> BindCreate(const parser::CreateConnection& statement) {
  BERTH_TRY(CheckOptionNames(ConnectionOptionNames(), NamesOf(statement.options)));
  BERTH_TRY(CheckNothingMissing(statement));
  return BindValues(statement.options);
}

Result<ConnectionOptions> BindSet(const parser::AlterConnectionSet& change) {
  BERTH_TRY(CheckOptionNames(ConnectionOptionNames(), NamesOf(change.options)));
  for (const auto& option : change.options) {
    if (kTable[RowOf(option.name.name)].alterable) continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the option {} cannot be changed", option.name.name),
                 .hint = "Drop the connection and create it anew.",
                 .span = option.name.span};
  }
  return BindValues(change.options);
}

Result<std::vector<std::string_view>> BindUnset(const parser::AlterConnectionUnset& change) {
  std::vector<const parser::Identifier*> given;
  given.reserve(change.options.size());
  for (const auto& name : change.options) given.push_back(&name);
  BERTH_TRY(CheckOptionNames(ConnectionOptionNames(), given));
  std::vector<std::string_view> out;
  for (const auto& name : change.options) {
    const auto& row = kTable[RowOf(name.name)];
    if (!row.unsettable) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("the option {} cannot be unset: a connection needs it", row.name),
                   .hint = fmt::format("Give it another value: SET {} = ..", row.name),
                   .span = name.span};
    }
    out.push_back(row.name);
  }
  return out;
}

}  // namespace berth::bind
