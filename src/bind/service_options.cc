#include "bind/service_options.h"

#include <fmt/core.h>

#include <string_view>

#include "base/try.h"
#include "bind/option_names.h"
#include "bind/option_values.h"

namespace berth::bind {
namespace {

constexpr std::string_view kAdmin = "ADMIN";
constexpr std::string_view kComment = "COMMENT";
constexpr std::string_view kExpires = "EXPIRES";
constexpr std::string_view kMaxActive = "MAX_ACTIVE";

OptionNames UserOptionNames() {
  return {.object = "service user", .known = {kAdmin, kComment}, .later = {}};
}

// "2027-01-31", "2027-01-31T12:00:00Z", "2027-01-31 12:00:00" -> "2027-01-31T12:00:00.000Z"; another text as it is.
std::string TimeForm(std::string text) {
  constexpr std::size_t kDaySize = 10;
  constexpr std::size_t kSecondsSize = 19;
  if (text.size() == kDaySize) text += "T00:00:00";
  if (text.size() == kSecondsSize + 1 && text.back() == 'Z') text.pop_back();
  if (text.size() != kSecondsSize) return text;
  if (text[kDaySize] == ' ') text[kDaySize] = 'T';
  return text + ".000Z";
}

Status ReadExpires(const parser::Option& option, AccessKeyOptions& out) {
  out.expires_span = option.value.span;
  const bool time = option.value.form == parser::ValueForm::kString && !MillisecondsOf(option.value);
  if (time) {
    out.expires_at = TimeForm(option.value.text);
    return {};
  }
  BERTH_ASSIGN(out.expires_in, TimeOf(option, {.least = kKeyLifeMin, .most = kKeyLifeMax}));
  return {};
}

}  // namespace

Result<ServiceUserOptions> BindServiceUser(const std::vector<parser::Option>& options) {
  BERTH_TRY(CheckOptionNames(UserOptionNames(), NamesOf(options)));
  ServiceUserOptions out;
  for (const auto& option : options) {
    if (option.name.name == kComment) {
      BERTH_ASSIGN(out.comment, CommentOf(option));
    } else if (option.value.form == parser::ValueForm::kBoolean) {
      out.admin = option.value.text == "true";
    } else {
      return ValueError(option, fmt::format("ADMIN takes TRUE or FALSE, not {}", FormName(option.value.form)),
                        "Write ADMIN = TRUE.");
    }
  }
  return out;
}

Result<ServiceUserOptions> BindServiceUserUnset(const parser::AlterConnectionUnset& change) {
  std::vector<const parser::Identifier*> given;
  given.reserve(change.options.size());
  for (const auto& name : change.options) given.push_back(&name);
  BERTH_TRY(CheckOptionNames(UserOptionNames(), given));
  ServiceUserOptions out;
  for (const auto& name : change.options) {
    if (name.name == kAdmin) out.admin = false;
    if (name.name == kComment) out.comment = "";
  }
  return out;
}

Result<AccessKeyOptions> BindAccessKey(const std::vector<parser::Option>& options) {
  BERTH_TRY(CheckOptionNames({.object = "key", .known = {kExpires, kComment}, .later = {}}, NamesOf(options)));
  AccessKeyOptions out;
  for (const auto& option : options) {
    if (option.name.name == kExpires) {
      BERTH_TRY(ReadExpires(option, out));
    } else {
      BERTH_ASSIGN(out.comment, CommentOf(option));
    }
  }
  return out;
}

Result<GrantLimits> BindGrantLimits(const std::vector<parser::Option>& options) {
  BERTH_TRY(
      CheckOptionNames({.object = "grant", .known = {kMaxActive, "MAX_CONCURRENT"}, .later = {}}, NamesOf(options)));
  GrantLimits out;
  for (const auto& option : options) {
    auto& limit = option.name.name == kMaxActive ? out.max_active : out.max_concurrent;
    BERTH_ASSIGN(limit, CountOf(option, 1, kActiveMax));
  }
  return out;
}

}  // namespace berth::bind
