#pragma once

#include <cstddef>
#include <string_view>

#include "berth/error.h"

namespace berth::session {

// The word, or the one character, at the `position`th character (from 1) of `sql`.
SourceSpan SpanAt(std::string_view sql, std::size_t position);

}  // namespace berth::session
