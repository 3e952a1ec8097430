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

Status BindPassword(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(out.password, PasswordSourceOf(option));
  return {};
}

Status BindPasswordNext(const Option& option, ConnectionOptions& out) {
  const auto form = option.value.form;
  if (form == ValueForm::kString || form == ValueForm::kEnv || form == ValueForm::kFile ||
      form == ValueForm::kCommand) {
    BERTH_ASSIGN(out.password_next, PasswordSourceOf(option));
    return {};
  }
  return ValueError(option, fmt::format("PASSWORD_NEXT takes a string, ENV, FILE or COMMAND, not {}", FormName(form)),
                    "It is to be there when the password is refused, and becomes the connection's own.");
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
#include "bind/option_table.def"
#undef BERTH_OPTION
};
using Binder = Status (*)(const Option&, ConnectionOptions&);
constexpr Binder kBinders[] = {
#define BERTH_OPTION(name, binder, type, range, default_value, required, secret, alterable, unsettable, description) \
  binder,
#include "bind/option_table.def"
#undef BERTH_OPTION
};

OptionNames ConnectionOptionNames() {
  OptionNames names{.object = "connection", .known = {}, .later = {}};
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
