#pragma once

#include <string>
#include <string_view>

namespace berth::shell {

// `message` without the pieces of `statement` that are masked in `redacted` (which is parser::Redact's of it): servers
// repeat the text near a syntax error.
std::string MaskRepeated(std::string message, std::string_view statement, std::string_view redacted);

}  // namespace berth::shell
