#pragma once

#include <string_view>

namespace berth::engine {

// SQL LIKE over bytes of UTF-8: % is any run, _ one character, '\' takes the next one as it stands. Case counts, as in
// Redshift. Time is at most text times pattern.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace berth::engine
