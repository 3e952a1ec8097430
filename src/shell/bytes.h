#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace berth::shell {

// Whether `text` holds one of the characters; eight bytes at a time, because every cell of every row is asked.
template <char... kChars>
bool HasAny(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto has = [](std::uint64_t word, char c) {
    const std::uint64_t zeroed = word ^ (kOnes * static_cast<std::uint8_t>(c));
    return (zeroed - kOnes) & ~zeroed & kHighs;  // a high bit where a byte of `zeroed` is 0
  };
  std::size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((has(word, kChars) | ...) != 0) return true;
  }
  for (; at < text.size(); ++at) {
    if (((text[at] == kChars) || ...)) return true;
  }
  return false;
}

}  // namespace berth::shell
