#pragma once

#include <string_view>

#include "berth/error.h"
#include "berth/rows.h"
#include "engine/test_connection.h"
#include "parser/ast.h"

namespace berth::engine {

struct RotateScope {
  TestScope test;
  const NoticeSink& notices;
  std::string_view statement;  // for the history
};

// ALTER REDSHIFT CONNECTION c ROTATE PASSWORD. A new password is made and stored as PASSWORD_NEXT, of this connection
// and of all that log in to the same server as the same user with a literal; then the server gets its hash, and a login
// with it makes it the password. From the first commit on both are stored, so one of them logs in wherever this dies.
// Errors: kFailedPrecondition (no literal password; another process rotates it), those of a login and of ALTER USER,
// after which the old password counts, unless the error says that this is in doubt.
Result<Outcome> RotatePassword(const parser::RotatePassword& statement, RotateScope& scope);

}  // namespace berth::engine
