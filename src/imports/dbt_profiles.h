#pragma once

#include <string>

#include "berth/error.h"
#include "imports/found.h"

namespace berth::imports {

// A dbt profiles.yml: every target of type redshift or postgres of every profile, as profile_target. {{ env_var('X') }}
// is asked of `variables`, but for a password, which stays a reference. Errors: kSyntax, kLimitExceeded.
Result<Import> FromDbtProfiles(const std::string& text, const Variables& variables);

}  // namespace berth::imports
