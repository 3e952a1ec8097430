#include <utility>

#include "base/try.h"
#include "statements/store.h"

// Sessions and the outbox.
namespace berth::statements {
namespace {

constexpr std::string_view kSessionColumns =
    "SELECT id, caller, connection, created_at, updated_at, closed_at, keep_alive_s, ends_at, statement_id,"
    " cluster_identifier, workgroup, secret_arn, db_user, database, number FROM sessions ";
constexpr std::string_view kPutSession =
    "INSERT INTO sessions (id, caller, connection, owner, created_at, updated_at, closed_at, keep_alive_s, ends_at,"
    " statement_id, cluster_identifier, workgroup, secret_arn, db_user, database)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " updated_at = excluded.updated_at, closed_at = coalesce(closed_at, excluded.closed_at),"
    " keep_alive_s = excluded.keep_alive_s, ends_at = excluded.ends_at, statement_id = excluded.statement_id";
constexpr std::string_view kAddEvent =
    "INSERT INTO events (statement_id, statement_name, caller, connection, cluster_identifier, workgroup, secret_arn,"
    " db_user, database, state, rows, query_id, at, expires_at, due_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kDueEvents =
    "SELECT number, statement_id, statement_name, caller, connection, cluster_identifier, workgroup, secret_arn, "
    "db_user,"
    " database, state, rows, query_id, at, expires_at, attempts FROM events WHERE due_at <= ? ORDER BY number LIMIT ?";

std::optional<std::string_view> View(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

std::optional<std::string> OptionalText(const sqlite::Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Text(column);
}

Target ReadTarget(const sqlite::Statement& row, int from) {
  return {.cluster_identifier = OptionalText(row, from),
          .workgroup = OptionalText(row, from + 1),
          .secret_arn = OptionalText(row, from + 2),
          .db_user = OptionalText(row, from + 3),
          .database = OptionalText(row, from + 4)};
}

void BindTarget(sqlite::Statement& statement, const Target& target) {
  statement.Bind(View(target.cluster_identifier));
  statement.Bind(View(target.workgroup));
  statement.Bind(View(target.secret_arn));
  statement.Bind(View(target.db_user));
  statement.Bind(View(target.database));
}

KeptSession ReadSession(const sqlite::Statement& row) {
  KeptSession session;
  session.id = row.Text(0);
  session.caller = row.Text(1);
  session.connection = row.Text(2);
  session.created_at = FromMillis(row.Integer(3));
  session.updated_at = FromMillis(row.Integer(4));
  session.keep_alive_s = row.Integer(6);
  session.ends_at = FromMillis(row.Integer(7));
  session.statement_id = OptionalText(row, 8);
  session.target = ReadTarget(row, 9);
  session.status = session.statement_id ? SessionStatus::kBusy : SessionStatus::kAvailable;
  if (!row.IsNull(5)) session.status = SessionStatus::kClosed;
  return session;
}

}  // namespace

Status Store::PutSession(const KeptSession& session, std::string_view owner) {
  BERTH_ASSIGN(auto put, database_->Query(kPutSession, std::string_view(session.id), std::string_view(session.caller),
                                          std::string_view(session.connection), owner, ToMillis(session.created_at),
                                          ToMillis(session.updated_at)));
  if (session.status == SessionStatus::kClosed) {
    put.Bind(ToMillis(session.updated_at));
  } else {
    put.BindNull();
  }
  put.Bind(session.keep_alive_s);
  put.Bind(ToMillis(session.ends_at));
  put.Bind(View(session.statement_id));
  BindTarget(put, session.target);
  return put.Run();
}

Result<std::optional<KeptSession>> Store::FindSession(std::string_view id) {
  static const std::string kSql = std::string(kSessionColumns) + "WHERE id = ?";
  BERTH_ASSIGN(auto row, database_->Query(kSql, id));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<KeptSession>();
  return std::optional(ReadSession(row));
}

Result<std::vector<std::pair<std::int64_t, KeptSession>>> Store::ListSessions(const SessionListRequest& request,
                                                                              std::int64_t before_number,
                                                                              std::size_t limit) {
  static const std::string kSql =
      std::string(kSessionColumns) +
      "WHERE caller = ? AND number < ? AND (? IS NULL OR id = ?) AND (? IS NULL OR cluster_identifier = ?)"
      " AND (? IS NULL OR workgroup = ?) AND (? IS NULL OR database = ?)"
      " AND (CASE ? WHEN 0 THEN closed_at IS NULL WHEN 1 THEN closed_at IS NOT NULL ELSE 1 END)"
      " ORDER BY number DESC LIMIT ?";
  enum Which { kOpen, kClosed, kAny };  // which of the open ones are busy, their owner knows
  const Which open_or_any = request.session_id && !request.status ? kAny : kOpen;  // by its id, also a closed one
  const int status = request.status == SessionStatus::kClosed ? kClosed : open_or_any;
  const auto id = View(request.session_id);
  const auto cluster = View(request.cluster_identifier);
  const auto workgroup = View(request.workgroup);
  const auto database = View(request.database);
  BERTH_ASSIGN(auto row, database_->Query(kSql, std::string_view(request.caller), before_number, id, id, cluster,
                                          cluster, workgroup, workgroup, database, database, status, limit));
  std::vector<std::pair<std::int64_t, KeptSession>> sessions;
  while (true) {
    BERTH_ASSIGN(const bool there, row.Step());
    if (!there) return sessions;
    sessions.emplace_back(row.Integer(14), ReadSession(row));
  }
}

Status Store::CloseSessionsOf(std::string_view owner, Clock::Wall now) {
  return database_->Run(
      "UPDATE sessions SET closed_at = ?, updated_at = ?, statement_id = NULL WHERE owner = ? AND closed_at IS NULL",
      ToMillis(now), ToMillis(now), owner);
}

Status Store::RemoveSessionsClosedBefore(Clock::Wall time) {
  return database_->Run("DELETE FROM sessions WHERE closed_at < ?", ToMillis(time));
}

Status Store::AddEvent(const StatementEvent& event) {
  BERTH_ASSIGN(auto add,
               database_->Query(kAddEvent, std::string_view(event.statement_id), std::string_view(event.statement_name),
                                std::string_view(event.caller), std::string_view(event.connection)));
  BindTarget(add, event.target);
  add.Bind(static_cast<int>(event.state));
  add.Bind(event.rows);
  add.Bind(event.redshift_query_id);
  add.Bind(ToMillis(event.at));
  add.Bind(ToMillis(event.expires_at));
  add.Bind(ToMillis(event.at));
  return add.Run();
}

Result<std::vector<StatementEvent>> Store::DueEvents(Clock::Wall now, std::size_t limit) {
  BERTH_ASSIGN(auto row, database_->Query(kDueEvents, ToMillis(now), limit));
  std::vector<StatementEvent> events;
  while (true) {
    BERTH_ASSIGN(const bool there, row.Step());
    if (!there) return events;
    events.push_back({.number = row.Integer(0),
                      .statement_id = row.Text(1),
                      .statement_name = row.Text(2),
                      .caller = row.Text(3),
                      .connection = row.Text(4),
                      .target = ReadTarget(row, 5),
                      .state = static_cast<StatementState>(row.Integer(10)),
                      .rows = row.Integer(11),
                      .redshift_query_id = row.Integer(12),
                      .at = FromMillis(row.Integer(13)),
                      .expires_at = FromMillis(row.Integer(14)),
                      .attempts = row.Integer(15)});
  }
}

Status Store::RemoveEvent(std::int64_t number) {
  return database_->Run("DELETE FROM events WHERE number = ?", number);
}

Status Store::PutOffEvent(std::int64_t number, Clock::Wall due_at) {
  return database_->Run("UPDATE events SET due_at = ?, attempts = attempts + 1 WHERE number = ?", ToMillis(due_at),
                        number);
}

Result<std::int64_t> Store::CountEvents() {
  BERTH_ASSIGN(auto row, database_->Query("SELECT count(*) FROM events"));
  BERTH_TRY(row.Step());
  return row.Integer(0);
}

}  // namespace berth::statements
