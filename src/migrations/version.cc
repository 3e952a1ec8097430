#include "migrations/version.h"

#include <algorithm>
#include <charconv>

namespace berth::migrations {

std::optional<Version> Version::Parse(std::string_view text) {
  Version version;
  while (true) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kDigitsMax || version.numbers_.size() == kNumbersMax) return std::nullopt;
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + digits, number);
    version.numbers_.push_back(number);
    if (digits == text.size()) break;
    if (text[digits] != '.' && text[digits] != '_') return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  while (version.numbers_.size() > 1 && version.numbers_.back() == 0) version.numbers_.pop_back();
  return version;
}

std::string Version::Text() const {
  std::string text;
  for (const auto number : numbers_) text += (text.empty() ? "" : ".") + std::to_string(number);
  return text;
}

}  // namespace berth::migrations
