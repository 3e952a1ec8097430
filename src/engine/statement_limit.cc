#include "engine/statement_limit.h"

#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "bind/option_values.h"

namespace berth::engine {

StatementLimit StatementLimit::Of(const catalog::Connection& connection, const Clock& clock, Deadline deadline) {
  StatementLimit limit{.deadline = deadline, .connection = connection.name};
  const auto timeout = connection.tuning.statement_timeout.value_or(TuningTime(0));
  if (timeout.count() == 0) return limit;
  const auto own = Deadline::After(clock, timeout);
  if (own.time() >= deadline.time()) return limit;
  limit.deadline = own;
  limit.timeout = timeout;
  return limit;
}

Error StatementLimit::Explain(Error error, const Clock& clock) const {
  if (timeout.count() == 0 || error.code != ErrorCode::kDeadlineExceeded || !deadline.Passed(clock)) return error;
  error.message =
      fmt::format("the statement was cancelled: it ran for more than {} (STATEMENT_TIMEOUT of connection {})",
                  bind::TimeText(timeout), base::QuoteIdentifier(connection));
  error.hint += error.hint.empty() ? "" : "\n";
  error.hint += fmt::format("ALTER REDSHIFT CONNECTION {} SET STATEMENT_TIMEOUT = .. changes it; 0 turns it off.",
                            base::QuoteIdentifier(connection));
  return error;
}

}  // namespace berth::engine
