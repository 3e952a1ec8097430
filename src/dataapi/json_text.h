#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "berth/deadline.h"

namespace berth::dataapi {

// Writes JSON text in one pass. What it writes is always valid UTF-8: other bytes become U+FFFD. One thread at a time.
class JsonText {
 public:
  JsonText() = default;
  explicit JsonText(std::string begun) : out_(std::move(begun)) {}  // goes on behind JSON that is not closed yet
  void Begin(char bracket);                         // '{' or '[' as an element of an array, or the whole
  void Begin(std::string_view name, char bracket);  // as a member
  void End(char bracket);
  // Members of an object.
  void Text(std::string_view name, std::string_view value);
  void Number(std::string_view name, std::int64_t value);
  void Boolean(std::string_view name, bool value);
  void Time(std::string_view name, Clock::Wall value);  // epoch seconds with milliseconds
  // Left out where there is nothing: clients of typed languages stumble over null.
  void TextIfAny(std::string_view name, std::string_view value);
  template <class T>
  void NumberIfAny(std::string_view name, const std::optional<T>& value) {
    if (value) Number(name, static_cast<std::int64_t>(*value));
  }
  void Element(std::string_view value);                         // a string of an array
  void Verbatim(std::string_view name, std::string_view json);  // a member whose value is JSON already

  std::string Take() && { return std::move(out_); }

 private:
  void Comma();
  void Name(std::string_view name);
  void Quoted(std::string_view value);

  std::string out_;
};

}  // namespace berth::dataapi
