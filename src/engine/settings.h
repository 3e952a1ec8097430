#pragma once

#include <string>

#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// SET berth.name = value. Errors: kNotFound (did you mean), kInvalidArgument.
Status Set(const parser::SetSetting& statement, Settings& settings);
// SHOW berth.name; one row, as PostgreSQL's SHOW gives.
Result<Outcome> Show(const parser::ShowSetting& statement, const Settings& settings);

}  // namespace berth::engine
