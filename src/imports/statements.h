#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imports/found.h"
#include "parser/ast.h"

namespace berth::imports {

// A statement to run, and what to say of it.
struct Planned {
  parser::Statement statement;
  std::string origin;
  std::string variable;  // that the password is asked of, and that nobody has set yet; empty: none
};

enum class Passwords : std::uint8_t {
  kReferences,  // ENV 'BERTH_PASSWORD_..' in place of each password
  kSealed,      // the passwords themselves: for running, never for showing
};
std::vector<Planned> StatementsFor(const Import& import, Passwords passwords);

// ATTACH JOB for each job, on that connection.
std::vector<Planned> StatementsFor(const Import& import, const std::string& connection);

// As a script, without a password; what was lost stands at its end.
std::string ScriptOf(const std::vector<Planned>& statements, const std::vector<std::string>& lost);

}  // namespace berth::imports
