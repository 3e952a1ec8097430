#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::capi {

__extension__ using Int128 = __int128;

// What a server writes in its ISO style, as Arrow counts it; nullopt: infinity, a year before 1, another style.
std::optional<std::int32_t> DaysOf(std::string_view date);             // "2016-01-31"
std::optional<std::int64_t> MicrosecondsOf(std::string_view instant);  // "2016-01-31 10:11:12.5[+05:30]", to UTC

// "-12.50" with `scale` digits behind the point; nullopt: NaN, or more digits than `precision`.
std::optional<Int128> DecimalOf(std::string_view number, std::int32_t precision, std::int32_t scale);

}  // namespace berth::capi
