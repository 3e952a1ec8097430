#include "bind/option_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"

namespace berth::bind {

std::string_view FormName(parser::ValueForm form) {
  switch (form) {
    case parser::ValueForm::kString:
      return "a string";
    case parser::ValueForm::kNumber:
      return "a number";
    case parser::ValueForm::kBoolean:
      return "TRUE or FALSE";
    case parser::ValueForm::kIdentifier:
      return "a name without quotes";
    case parser::ValueForm::kDuration:
      return "a duration";
    case parser::ValueForm::kList:
      return "a list";
    case parser::ValueForm::kSecret:
      return "SECRET";
    case parser::ValueForm::kEnv:
      return "ENV";
    case parser::ValueForm::kFile:
      return "FILE";
    case parser::ValueForm::kCommand:
      return "COMMAND";
    case parser::ValueForm::kPrompt:
      return "PROMPT";
    case parser::ValueForm::kTimestamp:
      return "TIMESTAMP";
  }
  return "a value";
}

Error ValueError(const parser::Option& option, std::string message, std::string hint) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = std::move(message),
          .hint = std::move(hint),
          .span = option.value.span};
}

Result<std::string> StringOf(const parser::Option& option, std::string_view example) {
  if (option.value.form == parser::ValueForm::kString) return option.value.text;
  return ValueError(option, fmt::format("{} takes a string, not {}", option.name.name, FormName(option.value.form)),
                    fmt::format("Write {} = {}.", option.name.name, example));
}

Status CheckBytes(const parser::Option& option, std::string_view what, std::size_t bytes_max) {
  const auto bytes = option.value.text.size();
  if (bytes <= bytes_max) return {};
  auto error = ValueError(option, fmt::format("{} has {} bytes; the limit is {}", what, bytes, bytes_max));
  error.code = ErrorCode::kLimitExceeded;
  return error;
}

Result<std::int32_t> CountOf(const parser::Option& option, std::int32_t least, std::int32_t most) {
  const auto& name = option.name.name;
  const auto range = fmt::format("It is an integer from {} to {}", least, most);
  if (option.value.form != parser::ValueForm::kNumber) {
    return ValueError(option, fmt::format("{} takes an integer, not {}", name, FormName(option.value.form)),
                      option.value.form == parser::ValueForm::kString ? range + ", without quotes."
                                                                      : range + ". UNSET brings back the default.");
  }
  std::string_view digits = option.value.text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = stop == digits.data() + digits.size() && error != std::errc::invalid_argument;
  const bool in_range = error == std::errc() && number >= least && number <= most;
  if (!whole || !in_range) {
    return ValueError(
        option,
        fmt::format("{} cannot be {}: {}", name, option.value.text.substr(0, 40),
                    whole ? fmt::format("it is out of the range {} to {}", least, most) : "it is no integer"),
        range + ".");
  }
  return static_cast<std::int32_t>(number);
}

std::optional<std::int64_t> MillisecondsOf(const parser::Value& value) {
  std::string text = value.text;
  if (value.form == parser::ValueForm::kDuration) {
    static constexpr std::pair<std::string_view, std::string_view> kSuffixes[] = {
        {"millisecond", "ms"}, {"second", "s"}, {"minute", "m"}, {"hour", "h"}, {"day", "d"}};
    for (const auto& [unit, suffix] : kSuffixes) {
      if (value.unit == unit) text += suffix;
    }
  }
  const auto ms = base::ParseDurationMs(text);
  if (!ms) return std::nullopt;
  return std::int64_t{*ms};
}

namespace {

struct Unit {
  std::int64_t ms;
  const char* symbol;
  const char* word;
};
constexpr Unit kUnits[] = {{86'400'000, "d", "day"},
                           {3'600'000, "h", "hour"},
                           {60'000, "min", "minute"},
                           {1'000, "s", "second"},
                           {1, "ms", "millisecond"}};

// The greatest unit of which it is a whole number; a day is 24 h up to three days.
const Unit& UnitOf(std::chrono::milliseconds time) {
  for (const auto& unit : kUnits) {
    if (unit.ms == kUnits[0].ms && time.count() <= 3 * unit.ms) continue;
    if (time.count() % unit.ms == 0 && time.count() > 0) return unit;
  }
  return kUnits[4];
}

}  // namespace

std::string TimeText(std::chrono::milliseconds time) {
  const Unit& unit = UnitOf(time);
  return fmt::format("{} {}", time.count() / unit.ms, unit.symbol);
}

parser::Value TimeValue(std::chrono::milliseconds time) {
  if (time.count() == 0) return {.form = parser::ValueForm::kNumber, .text = "0"};
  const Unit& unit = UnitOf(time);
  return {.form = parser::ValueForm::kDuration, .text = std::to_string(time.count() / unit.ms), .unit = unit.word};
}

std::string RangeText(const TimeRange& range) {
  return fmt::format("{}{} to {}", range.off ? "0 (off), or " : "", TimeText(range.least), TimeText(range.most));
}

Result<std::chrono::milliseconds> TimeOf(const parser::Option& option, const TimeRange& range) {
  const auto& name = option.name.name;
  const auto& value = option.value;
  const auto hint = fmt::format("It is {}: {} = 30 SECONDS, or '30s', '500ms', '10m', '1h'.", RangeText(range), name);
  const bool zero = value.form == parser::ValueForm::kNumber && value.text == "0";
  const bool known = value.form == parser::ValueForm::kString || value.form == parser::ValueForm::kDuration || zero;
  if (!known) {
    return ValueError(option,
                      fmt::format("{} takes a duration, not {}", name,
                                  value.form == parser::ValueForm::kNumber ? "a number without a unit"
                                                                           : std::string(FormName(value.form))),
                      hint);
  }
  const auto ms = MillisecondsOf(value);
  const auto shown = value.form == parser::ValueForm::kDuration
                         ? fmt::format("{} {}S", value.text.substr(0, 40), base::ToUpper(value.unit))
                         : value.text.substr(0, 40);
  if (!ms) return ValueError(option, fmt::format("{} cannot be {}: it is no duration", name, shown), hint);
  const std::chrono::milliseconds time(*ms);
  if (range.off && time.count() == 0) return time;
  if (time < range.least || time > range.most) {
    return ValueError(option, fmt::format("{} cannot be {}: it is out of the range {}", name, shown, RangeText(range)),
                      hint);
  }
  return time;
}

Result<std::string> CommentOf(const parser::Option& option) {
  BERTH_ASSIGN(auto text, StringOf(option, "'a note'"));
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_start));
  if (characters <= kCommentCharactersMax) return text;
  auto error = ValueError(
      option, fmt::format("{} has {} characters; the limit is {}", option.name.name, characters, kCommentCharactersMax),
      "Shorten it.");
  error.code = ErrorCode::kLimitExceeded;
  return error;
}

}  // namespace berth::bind
