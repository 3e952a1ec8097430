#pragma once

#include <cstdint>
#include <string_view>

namespace berth::parser {

// What a word says about the value that follows it.
enum class SecretWord : std::uint8_t {
  kNone,
  kClause,    // PASSWORD 'x', CREDENTIALS 'x', ..: with or without an equals sign
  kNamed,     // sslpassword=x, SessionToken=x: with an equals sign, or a string in a statement that defines a login
  kShort,     // PASS = 'x', PSWD = 'x': with an equals sign, and only in a statement that defines a login
  kMisspelt,  // an edit away from a kClause: followed by a string
};
SecretWord SecretWordOf(std::string_view word);

// PASSWORD = ENV 'V', PASSWORD NULL, ..: the value is told elsewhere, or there is none.
bool IsPasswordReference(std::string_view word);

}  // namespace berth::parser
