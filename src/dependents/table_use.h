#pragma once

#include <cstdint>
#include <string>

#include "berth/error.h"

namespace berth::dependents {

enum class Role : std::uint8_t {
  kTarget,
  kSource,
  kStaging,  // made by the body and read by it
};

// How a use was found.
enum class Found : std::uint8_t {
  kParsed,   // PostgreSQL's grammar read the statement
  kScanned,  // only its tokens were looked at: the words FROM, JOIN, INTO .. and the names after them
};

// A table that a body uses in the database that it runs in.
struct TableUse {
  std::string schema, table;
  Role role = Role::kSource;
  Found found = Found::kParsed;
  SourceSpan name;  // where the body names it first in that role
};

}  // namespace berth::dependents
