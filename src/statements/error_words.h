#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"
#include "statements/named_parameters.h"

namespace berth::statements {

inline constexpr std::size_t kNoticesMax = 20;       // told of one statement
inline constexpr std::size_t kErrorBytesMax = 8192;  // of the whole text

inline constexpr std::string_view kCancelledWords = "ERROR: Query cancelled on user's request";

// An error as Describe's Error has it, which is what the drivers print: "ERROR: message", then lines of two spaces for
// Detail, Hint and Position (in characters of `sql`, from 1). `bound`: the text that was sent for it.
std::string WordError(const Error& error, std::string_view sql, const BoundText& bound);

// The notices of a statement, as lines after its error, or alone: "WARNING: message".
std::string WordNotices(const std::vector<Notice>& notices);

// `text`, cut to kErrorBytesMax at a character's end.
std::string CutWords(std::string text);

}  // namespace berth::statements
