#pragma once

#include <cstdint>
#include <optional>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "catalog/records.h"
#include "session/session.h"

namespace berth::engine {

struct BodyEnd {
  std::optional<std::int64_t> rows;  // written by all its statements, where the server says how many
  std::optional<Error> error;
};

// Runs the body of `job` on `session`: one statement by itself; a script as one transaction or, with AUTO_COMMIT, its
// statements one by one. `deadline` bounds the whole, the connection's STATEMENT_TIMEOUT each statement. What SELECTs
// give is read and thrown away. After an error the session may be in a failed transaction. `steps` may be null.
BodyEnd RunBody(const catalog::Job& job, const catalog::Connection& connection, session::Session& session,
                const Clock& clock, const StepSink& steps, Deadline deadline);

}  // namespace berth::engine
