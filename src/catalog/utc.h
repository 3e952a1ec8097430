#pragma once

#include <string>

#include "berth/deadline.h"

namespace berth::catalog {

// RFC 3339 in UTC with milliseconds: "2026-11-22T13:28:01.123Z". Texts sort as their times do.
std::string UtcText(Clock::Wall time);

}  // namespace berth::catalog
