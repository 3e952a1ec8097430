#pragma once

#include <cstddef>

#include "berth/secret.h"

namespace berth::engine {

inline constexpr std::size_t kMadePasswordBytes = 40;  // Redshift takes 8 to 64

// A password that nobody has thought of: letters, digits and signs that need no quoting anywhere, at least one capital,
// one small letter and one digit, as Redshift demands. About 240 bits of the kernel's randomness.
Secret MakePassword();

}  // namespace berth::engine
