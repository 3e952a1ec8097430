#pragma once

#include <string_view>

namespace berth::shell {

// What \? says.
std::string_view MetaHelpText();

}  // namespace berth::shell
