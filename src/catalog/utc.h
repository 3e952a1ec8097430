#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"

namespace berth::catalog {

// RFC 3339 in UTC with milliseconds: "2026-11-22T13:28:01.123Z". Texts sort as their times do.
std::string UtcText(Clock::Wall time);
// The time of such a text; nullopt: it is none, or of a year after kUtcYearMax.
inline constexpr int kUtcYearMax = 2261;  // the last whole one that Clock::Wall can hold
std::optional<Clock::Wall> WallOf(std::string_view text);

}  // namespace berth::catalog
