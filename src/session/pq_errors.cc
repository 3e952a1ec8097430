#include "session/pq_errors.h"

#include <fmt/core.h>

#include <charconv>
#include <string>

#include "base/strings.h"
#include "session/position.h"

namespace berth::session {
namespace {

std::string_view FieldOf(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

std::string_view SeverityOf(const PGresult* result) {
  const auto severity = FieldOf(result, PG_DIAG_SEVERITY_NONLOCALIZED);  // PostgreSQL 9.6 and later
  return severity.empty() ? FieldOf(result, PG_DIAG_SEVERITY) : severity;
}

void AppendPart(std::string& detail, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  if (!detail.empty()) detail += '\n';
  detail += fmt::format("{}{}", label, text);
}

}  // namespace

Error ServerError(const PGresult* result, std::string_view sql) {
  Error error{.code = ErrorCode::kServer};
  error.message = FieldOf(result, PG_DIAG_MESSAGE_PRIMARY);
  if (error.message.empty()) error.message = base::Trim(PQresultErrorMessage(result));
  error.sqlstate = FieldOf(result, PG_DIAG_SQLSTATE);
  error.detail = FieldOf(result, PG_DIAG_MESSAGE_DETAIL);
  error.hint = FieldOf(result, PG_DIAG_MESSAGE_HINT);
  AppendPart(error.detail, "QUERY: ", FieldOf(result, PG_DIAG_INTERNAL_QUERY));
  AppendPart(error.detail, "CONTEXT: ", FieldOf(result, PG_DIAG_CONTEXT));
  const auto position = FieldOf(result, PG_DIAG_STATEMENT_POSITION);
  std::size_t number = 0;
  if (std::from_chars(position.data(), position.data() + position.size(), number).ec == std::errc() && number > 0) {
    error.span = SpanAt(sql, number);
  }
  return error;
}

bool IsFatal(const PGresult* result) {
  const auto severity = SeverityOf(result);
  return severity == "FATAL" || severity == "PANIC";
}

Error LostError(std::string_view reason, bool in_doubt, const ServerInfo& server) {
  Error error{.code = ErrorCode::kSessionLost,
              .message = "the session was lost while the statement ran",
              .session_fate = SessionFate::kDiscard,
              .in_doubt = in_doubt};
  // libpq adds guesses on lines of their own.
  reason = base::Trim(reason.substr(0, reason.find('\n')));
  if (!reason.empty()) error.message += fmt::format(": {}", reason);
  if (!in_doubt) {
    error.hint = "Nothing was committed; it can be run again.";
  } else if (server.redshift) {
    error.hint = fmt::format(
        "It may have been committed. Before running it again look for it in sys_query_history (or "
        "stl_query, pid {}) or at the rows that it writes.",
        server.backend_pid);
  } else {
    error.hint = fmt::format(
        "It may have been committed. Before running it again look at the rows that it writes, or in the "
        "server's log for process {}.",
        server.backend_pid);
  }
  return error;
}

Notice NoticeOf(const PGresult* result) {
  return {.severity = std::string(SeverityOf(result)),
          .sqlstate = std::string(FieldOf(result, PG_DIAG_SQLSTATE)),
          .message = std::string(FieldOf(result, PG_DIAG_MESSAGE_PRIMARY)),
          .detail = std::string(FieldOf(result, PG_DIAG_MESSAGE_DETAIL)),
          .hint = std::string(FieldOf(result, PG_DIAG_MESSAGE_HINT))};
}

}  // namespace berth::session
