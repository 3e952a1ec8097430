#pragma once

#include <functional>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "parser/ast.h"
#include "session/session.h"

namespace berth::engine {

// CREATE, DROP and ATTACH TABLE c.s.t touch the catalog and the warehouse. No commit spans the two: an intent is
// recorded, the warehouse goes first, then the record; `berth check` mends what a crash left.
struct TableScope {
  const Shared& shared;
  const Settings& settings;
  const NoticeSink& notices;
  Deadline deadline;
  bool backslash_escapes = false;
  // A session of that connection for the time of the statement: the conversation's own if the connection is in use.
  std::function<Result<session::Session*>(const catalog::Connection&)> session_on;
  std::string_view statement = {};  // secrets masked, for the history
};
Result<Outcome> Run(const parser::CreateTable& statement, TableScope& scope);
Result<Outcome> Run(const parser::DropTable& statement, TableScope& scope);
Result<Outcome> Run(const parser::AttachTable& statement, TableScope& scope);
// .. VERIFY: what the warehouse does not have is marked.
Result<Outcome> Run(const parser::ShowDependents& statement, TableScope& scope);

}  // namespace berth::engine
