#pragma once

#include <span>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::shell {

// `message` without the pieces of `statement` that redaction masked in it: servers repeat the text near a syntax error.
std::string MaskRepeated(std::string message, std::string_view statement, std::span<const SourceSpan> masked);

}  // namespace berth::shell
