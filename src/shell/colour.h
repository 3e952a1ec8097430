#pragma once

#include <string>

namespace berth::shell {

// Colours are for terminals (`fd` is one), and only where neither NO_COLOR is set nor TERM empty or dumb.
bool WantsColour(int fd);

// A message with its leading words (ERROR:, HINT: ..) in colour.
std::string Coloured(const std::string& message);

}  // namespace berth::shell
