#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::migrations {

// Makes the next file of the folder, and the folder if it is not there: V0004__add_jobs.sql for "add jobs" after V0003,
// or R__add_jobs.sql. Returns its path. Errors: kInvalidArgument (the name), kAlreadyExists.
Result<std::string> MakeNewFile(const std::string& folder, std::string_view name, bool repeatable);

}  // namespace berth::migrations
