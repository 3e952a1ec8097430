#include "engine/settings.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/strings.h"
#include "base/try.h"
#include "bind/option_values.h"
#include "engine/memory_rows.h"

namespace berth::engine {
namespace {

constexpr std::string_view kStrict = "strict_if_not_exists";
constexpr std::string_view kTimeout = "catalog_transaction_timeout";
constexpr std::array<std::string_view, 2> kNames = {kTimeout, kStrict};
constexpr long long kTimeoutMostMs = 3'600'000;  // an hour: the catalog's only write lock is held that long

Error UnknownSetting(const parser::Identifier& name) {
  const auto near = base::DidYouMean(name.name, kNames);
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("there is no setting berth.{}", name.name),
               .hint = near ? fmt::format("Did you mean berth.{}?", *near)
                            : fmt::format("There are berth.{} and berth.{}.", kTimeout, kStrict),
               .span = name.span};
}

Error BadValue(const parser::SetSetting& statement, std::string_view wanted) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("berth.{} takes {}", statement.name.name, wanted),
               .span = statement.value.span};
}

std::optional<bool> AsBoolean(const parser::Value& value) {
  for (const auto word : {"on", "true", "yes", "1"}) {
    if (base::EqualsIgnoreCase(value.text, word)) return true;
  }
  for (const auto word : {"off", "false", "no", "0"}) {
    if (base::EqualsIgnoreCase(value.text, word)) return false;
  }
  return std::nullopt;
}

}  // namespace

Status Set(const parser::SetSetting& statement, Settings& settings) {
  if (statement.name.name == kStrict) {
    const auto on = AsBoolean(statement.value);
    if (!on) return BadValue(statement, "on or off");
    settings.strict_if_not_exists = *on;
    return {};
  }
  if (statement.name.name == kTimeout) {
    const auto ms = bind::MillisecondsOf(statement.value);
    if (!ms || *ms < 1 || *ms > kTimeoutMostMs)
      return BadValue(statement, "a duration of 1 ms to 1 hour, such as '60s' or 60 SECONDS");
    settings.catalog_transaction_timeout = std::chrono::milliseconds(*ms);
    return {};
  }
  return UnknownSetting(statement.name);
}

Result<Outcome> Show(const parser::ShowSetting& statement, const Settings& settings) {
  std::string value;
  if (statement.name.name == kStrict) {
    value = settings.strict_if_not_exists ? "on" : "off";
  } else if (statement.name.name == kTimeout) {
    value = fmt::format("{}ms", settings.catalog_transaction_timeout.count());
  } else {
    return UnknownSetting(statement.name);
  }
  RowsBuilder rows({fmt::format("berth.{}", statement.name.name)});
  rows.Add({std::move(value)});
  return rows.Build();
}

}  // namespace berth::engine
