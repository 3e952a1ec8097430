#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "bench/world.h"

namespace berth::bench {

// What every reader does with every value: its length, its first byte and its last one.
class Touch {
 public:
  void Value(std::string_view value) {
    sum_ += value.size();
    if (!value.empty()) sum_ += static_cast<std::uint8_t>(value.front()) * 3U + static_cast<std::uint8_t>(value.back());
  }
  void Null() { sum_ += 1; }
  void Row() { rows_ += 1; }

  // All readers of this process must have seen the same.
  void Check() const {
    static std::uint64_t expected = 0;
    if (expected == 0) expected = sum_;
    if (rows_ != kRows || sum_ != expected) throw std::runtime_error("a reader did not see all rows");
  }

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace berth::bench
