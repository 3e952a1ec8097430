#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
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

// Which connections it would change, by what the catalog says: `targets` get the new password, the one that is named
// first among them; `others` (quoted, with commas) log in as the same user and do not. Errors: kNotFound, and
// kFailedPrecondition as above. Makes no password, changes nothing and asks no server.
struct RotationPlan {
  std::vector<catalog::Connection> targets;
  std::string others;
};
Result<RotationPlan> PlanRotation(const parser::RotatePassword& statement, catalog::Transaction& transaction);

}  // namespace berth::engine
