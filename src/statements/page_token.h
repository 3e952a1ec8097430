#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::statements {

// Where a listing goes on, as text for a client that only gives it back: what it is of, and what came last. Checked
// when it comes back, for it may be anything.
struct PageToken {
  std::string of;                  // "statements", "result", ..: a token of one listing is refused by another
  std::vector<std::string> after;  // what the last page ended with
};
inline constexpr std::size_t kTokenPartsMax = 4;
inline constexpr std::size_t kTokenBytesMax = 4096;

std::string WriteToken(const PageToken& token);
// Errors: kInvalidArgument.
Result<PageToken> ReadToken(std::string_view text, std::string_view of);
// The only part, as a number of at least 0. Errors: kInvalidArgument.
Result<std::int64_t> ReadNumberToken(std::string_view text, std::string_view of);

}  // namespace berth::statements
