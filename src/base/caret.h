#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::base {

struct Position {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in characters (not bytes)
};
Position PositionOf(std::string_view text, std::uint32_t offset);

// Two lines as psql prints them: "LINE 2:     MAX_CONCURENT = 1" and a caret below the offending piece. Long lines are
// cut to about 60 characters around it. A tab or another control
// character counts one column and is printed as a space.
std::string RenderCaret(std::string_view text, SourceSpan span);

}  // namespace berth::base
