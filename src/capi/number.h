#pragma once

#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace berth::capi {

// The whole text as a number of this type; false: it is not one, or does not fit.
template <class T>
bool ParseNumber(std::string_view text, T& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

// As above; a server writes NaN, Infinity and -Infinity.
template <class T>
bool ParseFloat(std::string_view text, T& value) {
  if (text == "NaN") {
    value = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  if (text == "Infinity" || text == "-Infinity") {
    value = std::numeric_limits<T>::infinity() * static_cast<T>(text[0] == '-' ? -1 : 1);
    return true;
  }
  return ParseNumber(text, value);
}

}  // namespace berth::capi
