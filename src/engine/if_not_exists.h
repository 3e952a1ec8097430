#pragma once

#include <string>

#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// CREATE .. IF NOT EXISTS of what is there. `named`: "secret s"; `differing`: the options in which it differs from what
// was said, never their values; empty: it is equal. A difference is a warning or, by SET berth.strict_if_not_exists,
// kAlreadyExists at `span`.
Result<Outcome> LeaveAsItIs(const std::string& named, const std::string& differing, const char* tag, parser::Span span,
                            const CatalogScope& scope);

}  // namespace berth::engine
