#pragma once

#include <cstdint>

namespace berth {

// Where a connection's password comes from. All but the literal are references, resolved at each login by the process
// that logs in.
enum class PasswordKind : std::uint8_t {
  kLiteral,  // sealed in the catalog
  kEnv,      // an environment variable
  kFile,     // a file, by its absolute path
  kCommand,  // what a program prints
  kPrompt,   // asked of the person at the terminal
  kSecret,   // what a secret of the catalog says
};

}  // namespace berth
