#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "parser/ast.h"

// What connection and job options share: checks of one value. Errors point at the value.
namespace berth::bind {

// "a string", "a number", .. as an error says what was found. Never the value itself.
std::string_view FormName(parser::ValueForm form);

Error ValueError(const parser::Option& option, std::string message, std::string hint = {});

// The text of a string value. Errors: another form; `example` shows the right one.
Result<std::string> StringOf(const parser::Option& option, std::string_view example);
// kLimitExceeded beyond `bytes_max`; `what` begins the sentence.
Status CheckBytes(const parser::Option& option, std::string_view what, std::size_t bytes_max);
// An integer from `least` to `most`. Errors: another form, out of the range: with the numbers.
Result<std::int32_t> CountOf(const parser::Option& option, std::int32_t least, std::int32_t most);

// What a duration may be. `off`: 0 as well.
struct TimeRange {
  std::chrono::milliseconds least{1}, most{0};
  bool off = false;
};
// 30 SECONDS or '30s'; 0 or '0' where `range.off`. Errors: another form (also a number without a unit), out of range.
Result<std::chrono::milliseconds> TimeOf(const parser::Option& option, const TimeRange& range);
// The duration that a value says, in milliseconds; nullopt: it is none.
std::optional<std::int64_t> MillisecondsOf(const parser::Value& value);
std::string RangeText(const TimeRange& range);         // "0 (off), or 10 ms to 7 d"
std::string TimeText(std::chrono::milliseconds time);  // "30 s", "5 min", "250 ms"
// The value that SHOW CREATE prints for it: 30 SECONDS, or 0.
parser::Value TimeValue(std::chrono::milliseconds time);

// A COMMENT: a string of at most kCommentCharactersMax characters.
Result<std::string> CommentOf(const parser::Option& option);

}  // namespace berth::bind
