#pragma once

#include <cstdint>
#include <string_view>

namespace berth::dataapi {

// The regular expressions of the service's model, matched by hand.
enum class Pattern : std::uint8_t { kNone, kUuid, kCluster, kWorkgroup, kParameterName };

// In the service's own writing, for error texts; empty for kNone.
std::string_view TextOf(Pattern pattern);
bool Matches(Pattern pattern, std::string_view text);

}  // namespace berth::dataapi
