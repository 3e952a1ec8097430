#pragma once

#include <string>

#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// What CREATE .. IF NOT EXISTS finds.
struct Existing {
  std::string named;      // "secret s"
  std::string differing;  // the options in which it differs from what was said, never their values; empty: it is equal
  const char* tag;
  parser::Span span;                                  // of the name
  std::string_view changed_by = "CREATE OR REPLACE";  // what changes it
};

// One rule for all objects: what is equal is told of, and a difference is a warning or, by SET
// berth.strict_if_not_exists, kAlreadyExists.
Result<Outcome> LeaveAsItIs(const Existing& existing, const Settings& settings, const NoticeSink& notices);

}  // namespace berth::engine
