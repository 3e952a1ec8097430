#pragma once

#include <chrono>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/records.h"

namespace berth::engine {

// How long one statement may run on a connection: the sooner of its caller's deadline and STATEMENT_TIMEOUT, counted
// from when it has a session. It is ours to keep, not the server's statement_timeout: nothing is set in a session that
// its next holder would find, a change counts from the next statement on, and whoever sets statement_timeout himself
// keeps it.
struct StatementLimit {
  Deadline deadline = Deadline::Never();
  std::chrono::milliseconds timeout{0};  // STATEMENT_TIMEOUT, where it is the sooner; 0: the caller's counts
  std::string connection;

  static StatementLimit Of(const catalog::Connection& connection, const Clock& clock, Deadline deadline);
  // An error that came of STATEMENT_TIMEOUT names it; every other stays as it is.
  Error Explain(Error error, const Clock& clock) const;
};

}  // namespace berth::engine
