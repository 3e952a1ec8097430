#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::migrations {

// As in Flyway: numbers with dots (or single underscores) between them. 1, 1.0 and 01 are the same version.
class Version {
 public:
  static constexpr std::size_t kNumbersMax = 16;
  static constexpr std::size_t kDigitsMax = 18;  // of one number: room for timestamps

  // nullopt: it is none.
  static std::optional<Version> Parse(std::string_view text);
  std::string Text() const;  // "1.2", without leading zeros and trailing ".0"

  friend auto operator<=>(const Version&, const Version&) = default;

 private:
  std::vector<std::uint64_t> numbers_;  // without trailing zeros, so that comparing them is comparing versions
};

}  // namespace berth::migrations
