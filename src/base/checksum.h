#pragma once

#include <cstdint>
#include <string_view>

namespace berth::base {

// Tells whether bytes have changed by accident, at some 10 GB a second; no defence against who means to change them.
// The same on every machine and in every version.
std::uint64_t Checksum(std::string_view bytes);

}  // namespace berth::base
