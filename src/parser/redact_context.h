#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace berth::parser {

// What a byte of a text stands in, as far as masking cares; bits.
enum Surrounding : std::uint8_t {
  kInString = 1,  // inside a string, a quoted name or a comment, in one of the two readings of backslashes
  kInLogin = 2,  // a statement that defines a login (CREATE USER, ALTER .. CONNECTION): its bare values are secrets too
  kInUnset = 4,  // .. of the form UNSET PASSWORD: no value follows
  kSecretItself = 8,  // the value of CREATE or ALTER SECRET, inside its quotes
};
struct Surroundings {
  std::vector<std::uint8_t> bits;  // one a byte of the text
  bool balanced = true;            // false: a quote stays open, so that what is inside and what is outside is a guess
};
Surroundings SurroundingsOf(std::string_view text);

}  // namespace berth::parser
