#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/changed_options.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/state_names.h"
#include "catalog/utc.h"

namespace berth::catalog {
namespace {

// The group, and the connection's place in it.
#define BERTH_GROUP_COLUMNS                                                                                         \
  " group_id, (SELECT name FROM connection_groups WHERE id = group_id),"                                            \
  " (SELECT version FROM connection_groups WHERE id = group_id),"                                                   \
  " (SELECT max_concurrent_connections FROM connection_groups WHERE id = group_id),"                                \
  " (SELECT sum(o.reserved) FROM connections o WHERE o.group_id = connections.group_id AND o.id < connections.id)," \
  " (SELECT sum(o.reserved) FROM connections o WHERE o.group_id = connections.group_id)"
#define BERTH_SECRET_COLUMNS                                                                                      \
  " secret_id, (SELECT name FROM secrets WHERE id = secret_id), (SELECT kind FROM secrets WHERE id = secret_id)," \
  " (SELECT reference FROM secrets WHERE id = secret_id)"
#define BERTH_CONNECTION_COLUMNS                                                                              \
  "id, version, login_version, name, connection_string, host, port, database_name, user_name, password_kind," \
  " password_reference, max_concurrent_connections, comment, created_at, created_by, modified_at, "           \
  "modified_by," BERTH_GROUP_COLUMNS                                                                          \
  ", paused_at, paused_by, paused_until, pause_mode, pause_comment,"                                          \
  " acquire_timeout_ms, connect_timeout_ms, statement_timeout_ms, idle_timeout_ms, max_lifetime_ms,"          \
  " keepalive_interval_ms, min_idle, max_waiters, reserved, cluster_identifier, workgroup, "                  \
  "secret_arn, leak_warning_after_ms," BERTH_SECRET_COLUMNS                                                   \
  ", password_next_kind, password_next_reference, password_next_version, rotation_pid, rotation_started"

constexpr std::string_view kFind =
    "SELECT " BERTH_CONNECTION_COLUMNS " FROM connections WHERE name_folded = lower(?1) AND name = ?1";
constexpr std::string_view kFindById = "SELECT " BERTH_CONNECTION_COLUMNS " FROM connections WHERE id = ?";
constexpr std::string_view kList = "SELECT " BERTH_CONNECTION_COLUMNS " FROM connections ORDER BY name";
constexpr std::string_view kInGroup =
    "SELECT " BERTH_CONNECTION_COLUMNS " FROM connections WHERE group_id = ? ORDER BY name";
constexpr std::string_view kWithSecret =
    "SELECT " BERTH_CONNECTION_COLUMNS
    " FROM connections WHERE secret_id = ? AND password_kind = 'prompt' ORDER BY name";
#undef BERTH_CONNECTION_COLUMNS
#undef BERTH_SECRET_COLUMNS
#undef BERTH_GROUP_COLUMNS
constexpr int kGroupBegins = 17;   // the column of group_id
constexpr int kPauseBegins = 23;   // of paused_at
constexpr int kTuningBegins = 28;  // of acquire_timeout_ms
constexpr int kSecretBegins = 41;  // of secret_id
constexpr int kNextBegins = 45;    // of password_next_kind
constexpr std::string_view kFindLike = "SELECT name FROM connections WHERE name_folded = lower(?)";
constexpr std::string_view kTaken = "SELECT name FROM connections WHERE name_folded = lower(?) AND id <> ?";
constexpr std::string_view kNextId =
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'connections'), 0) + 1";
constexpr std::string_view kInsert =
    "INSERT INTO connections (id, name, connection_string, host, port, database_name, user_name, password_kind,"
    " password_reference, password_sealed, max_concurrent_connections, comment, group_id, paused_at, paused_by,"
    " paused_until, pause_mode, pause_comment, acquire_timeout_ms, connect_timeout_ms, statement_timeout_ms,"
    " idle_timeout_ms, max_lifetime_ms, keepalive_interval_ms, min_idle, max_waiters, reserved, cluster_identifier,"
    " workgroup, secret_arn, leak_warning_after_ms, created_at, created_by, modified_at, modified_by, version,"
    " login_version, secret_id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,"
    " ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?32, ?33, 1, 1, ?34)";
constexpr std::string_view kUpdate =
    "UPDATE connections SET name = ?2, connection_string = ?3, host = ?4, port = ?5, database_name = ?6,"
    " user_name = ?7, password_kind = ?8, password_reference = ?9, password_sealed = ?10,"
    " max_concurrent_connections = ?11, comment = ?12, group_id = ?13, paused_at = ?14, paused_by = ?15,"
    " paused_until = ?16, pause_mode = ?17, pause_comment = ?18, acquire_timeout_ms = ?19, connect_timeout_ms = ?20,"
    " statement_timeout_ms = ?21, idle_timeout_ms = ?22, max_lifetime_ms = ?23, keepalive_interval_ms = ?24,"
    " min_idle = ?25, max_waiters = ?26, reserved = ?27, cluster_identifier = ?28, workgroup = ?29,"
    " secret_arn = ?30, leak_warning_after_ms = ?31, modified_at = ?32, modified_by = ?33, version = version + 1,"
    " login_version = login_version + ?34, secret_id = ?35 WHERE id = ?1";
constexpr std::string_view kDelete = "DELETE FROM connections WHERE id = ?";

void Read(const sqlite::Statement& row, int column, std::optional<TuningTime>& value) {
  if (!row.IsNull(column)) value = TuningTime(row.Integer(column));
}
void Read(const sqlite::Statement& row, int column, std::optional<TuningCount>& value) {
  if (!row.IsNull(column)) value = static_cast<TuningCount>(row.Integer(column));
}
void Read(const sqlite::Statement& row, int column, std::optional<TuningText>& value) {
  if (!row.IsNull(column)) value = row.Text(column);
}

void BindValue(sqlite::Statement& statement, const std::optional<TuningTime>& value) {
  value ? statement.Bind(std::int64_t{value->count()}) : statement.BindNull();
}
void BindValue(sqlite::Statement& statement, const std::optional<TuningCount>& value) {
  statement.Bind(value);
}
void BindValue(sqlite::Statement& statement, const std::optional<TuningText>& value) {
  value ? statement.Bind(std::string_view(*value)) : statement.BindNull();
}

std::optional<GroupPlace> GroupOf(const sqlite::Statement& row) {
  if (row.IsNull(kGroupBegins)) return std::nullopt;
  return GroupPlace{.id = row.Integer(kGroupBegins),
                    .name = row.Text(kGroupBegins + 1),
                    .version = row.Integer(kGroupBegins + 2),
                    .max_concurrent_connections = static_cast<std::int32_t>(row.Integer(kGroupBegins + 3)),
                    .reserved_before = static_cast<std::int32_t>(row.Integer(kGroupBegins + 4)),
                    .reserved_total = static_cast<std::int32_t>(row.Integer(kGroupBegins + 5))};
}

std::optional<Pause> PauseOf(const sqlite::Statement& row) {
  if (row.IsNull(kPauseBegins)) return std::nullopt;
  return Pause{.at = WallOf(row.Text(kPauseBegins)).value_or(Clock::Wall{}),
               .by = row.Text(kPauseBegins + 1),
               .until = WallOf(row.Text(kPauseBegins + 2)),
               .refuse = row.Text(kPauseBegins + 3) == "refuse",
               .comment = row.Text(kPauseBegins + 4)};
}

void BindPause(sqlite::Statement& statement, const std::optional<Pause>& pause) {
  if (!pause) {
    for (int column = 0; column < 5; ++column) statement.BindNull();
    return;
  }
  statement.Bind(UtcText(pause->at));
  statement.Bind(std::string_view(pause->by));
  pause->until ? statement.Bind(UtcText(*pause->until)) : statement.BindNull();
  statement.Bind(std::string_view(pause->refuse ? "refuse" : "wait"));
  statement.Bind(std::string_view(pause->comment));
}

std::optional<NextPassword> NextOf(const sqlite::Statement& row) {
  if (row.IsNull(kNextBegins)) return std::nullopt;
  return NextPassword{.kind = PasswordKindOf(row.Text(kNextBegins)),
                      .reference = row.Text(kNextBegins + 1),
                      .version = row.Integer(kNextBegins + 2),
                      .rotation_pid = row.Integer(kNextBegins + 3),
                      .rotation_started = row.Integer(kNextBegins + 4)};
}

void BindSecret(sqlite::Statement& statement, const Connection& connection) {
  const bool secret = connection.password_kind == PasswordKind::kSecret && connection.secret;
  secret ? statement.Bind(connection.secret->id) : statement.BindNull();
}

Connection RowOf(const sqlite::Statement& row) {
  Connection connection;
  connection.id = row.Integer(0);
  connection.version = row.Integer(1);
  connection.login_version = row.Integer(2);
  connection.name = row.Text(3);
  connection.connection_string = row.Text(4);
  connection.host = row.Text(5);
  connection.port = static_cast<std::uint16_t>(row.Integer(6));
  connection.database = row.Text(7);
  connection.user_name = row.Text(8);
  connection.password_kind = PasswordKindOf(row.Text(9));
  connection.password_reference = row.Text(10);
  if (!row.IsNull(11)) connection.max_concurrent_connections = static_cast<std::int32_t>(row.Integer(11));
  connection.comment = row.Text(12);
  connection.stamp = {
      .created_at = row.Text(13), .created_by = row.Text(14), .modified_at = row.Text(15), .modified_by = row.Text(16)};
  connection.group = GroupOf(row);
  connection.pause = PauseOf(row);
  if (connection.password_kind == PasswordKind::kPrompt && !row.IsNull(kSecretBegins)) {
    connection.password_kind = PasswordKind::kSecret;
    connection.secret = SecretPlace{.id = row.Integer(kSecretBegins),
                                    .name = row.Text(kSecretBegins + 1),
                                    .kind = PasswordKindOf(row.Text(kSecretBegins + 2)),
                                    .reference = row.Text(kSecretBegins + 3)};
  }
  connection.next = NextOf(row);
  int column = kTuningBegins;
  ForEachTuning([&](std::string_view, auto member) { Read(row, column++, connection.tuning.*member); });
  return connection;
}

// Parameters 1 to 30 of kInsert and kUpdate.
void BindColumns(sqlite::Statement& statement, const Connection& connection, std::string_view sealed) {
  const bool literal = connection.password_kind == PasswordKind::kLiteral;
  statement.Bind(connection.id);
  for (const auto* text : {&connection.name, &connection.connection_string, &connection.host}) statement.Bind(*text);
  statement.Bind(connection.port);
  for (const auto* text : {&connection.database, &connection.user_name}) statement.Bind(*text);
  statement.Bind(PasswordKindName(connection.password_kind));
  const bool no_reference =
      literal || connection.password_kind == PasswordKind::kPrompt || connection.password_kind == PasswordKind::kSecret;
  no_reference ? statement.BindNull() : statement.Bind(connection.password_reference);
  literal ? statement.BindBlob(sealed) : statement.BindNull();
  statement.Bind(connection.max_concurrent_connections);
  statement.Bind(connection.comment);
  connection.group ? statement.Bind(connection.group->id) : statement.BindNull();
  BindPause(statement, connection.pause);
  ForEachTuning([&](std::string_view, auto member) { BindValue(statement, connection.tuning.*member); });
}

// Which PASSWORD_NEXT: none is -1, one that is to be set 0.
std::int64_t NextVersion(const Connection& connection) {
  return connection.next ? connection.next->version : -1;
}

}  // namespace

Result<std::optional<Connection>> SqliteTransaction::ReadConnection(Result<sqlite::Statement> query) {
  BERTH_ASSIGN(auto statement, std::move(query));
  BERTH_ASSIGN(const bool found, statement.Step());
  if (!found) return std::optional<Connection>();
  return std::optional<Connection>(RowOf(statement));
}

Result<std::optional<Connection>> SqliteTransaction::FindConnection(std::string_view name) {
  BERTH_TRY(Ready());
  return ReadConnection(database_->Query(kFind, name));
}

Result<std::optional<Connection>> SqliteTransaction::FindConnectionById(std::int64_t id) {
  BERTH_TRY(Ready());
  return ReadConnection(database_->Query(kFindById, id));
}

Result<std::optional<std::string>> SqliteTransaction::FindConnectionLike(std::string_view name) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto statement, database_->Query(kFindLike, name));
  BERTH_ASSIGN(const bool found, statement.Step());
  return found ? std::optional<std::string>(statement.Text(0)) : std::nullopt;
}

Result<std::vector<Connection>> SqliteTransaction::ListConnections() {
  BERTH_TRY(Ready());
  return ReadConnections(database_->Query(kList));
}

Result<std::vector<std::string>> SqliteTransaction::ConnectionNames() {
  return ReadNames("SELECT name FROM connections");
}

Result<std::vector<ConnectionChange>> SqliteTransaction::ConnectionChanges() {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto rows, database_->Query("SELECT id, modified_at FROM connections"));
  std::vector<ConnectionChange> changes;
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return changes;
    changes.push_back({.id = rows.Integer(0), .modified_at = rows.Text(1)});
  }
}

Result<std::vector<std::string>> SqliteTransaction::ReadNames(std::string_view query) {
  BERTH_TRY(Ready());
  BERTH_ASSIGN(auto rows, database_->Query(query));
  std::vector<std::string> names;
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return names;
    names.push_back(rows.Text(0));
  }
}

Result<std::vector<Connection>> SqliteTransaction::ConnectionsInGroup(std::int64_t group_id) {
  BERTH_TRY(Ready());
  return ReadConnections(database_->Query(kInGroup, group_id));
}

Result<std::vector<Connection>> SqliteTransaction::ConnectionsWithSecret(std::int64_t secret_id) {
  BERTH_TRY(Ready());
  return ReadConnections(database_->Query(kWithSecret, secret_id));
}

Result<std::vector<Connection>> SqliteTransaction::ReadConnections(Result<sqlite::Statement> query) {
  std::vector<Connection> connections;
  BERTH_ASSIGN(auto rows, std::move(query));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return connections;
    connections.push_back(RowOf(rows));
  }
}

Status SqliteTransaction::RefuseTakenName(const Connection& connection) {
  BERTH_ASSIGN(auto taken, database_->Query(kTaken, std::string_view(connection.name), connection.id));
  BERTH_ASSIGN(const bool found, taken.Step());
  if (!found) return {};
  const std::string other = taken.Text(0);
  if (other == connection.name) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("Connection {} already exists", base::QuoteIdentifier(other))};
  }
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("Connection {} differs only in case from connection {}, which already exists",
                                      base::QuoteIdentifier(connection.name), base::QuoteIdentifier(other)),
               .hint = "Choose a name that differs in more than case."};
}

Result<Connection> SqliteTransaction::InsertConnection(Connection connection, const Secret& literal) {
  BERTH_TRY(Ready());
  connection.id = 0;
  BERTH_TRY(RefuseTakenName(connection));
  BERTH_ASSIGN(auto next, database_->Query(kNextId));
  BERTH_TRY(next.Step());
  connection.id = next.Integer(0);  // now, because the seal is bound to it
  std::string sealed;
  if (connection.password_kind == PasswordKind::kLiteral) {
    BERTH_ASSIGN(sealed, SealFor(connection, literal, SealedPlace::kPassword));
  }
  BERTH_ASSIGN(auto insert, database_->Prepare(kInsert));
  BindColumns(insert, connection, sealed);
  insert.Bind(Now());
  insert.Bind(context_->actor);
  BindSecret(insert, connection);
  BERTH_TRY(insert.Run());
  BERTH_TRY(NoteMembers(Connection(), connection));
  BERTH_TRY(NoteChange(connection, "create", {}));
  BERTH_ASSIGN(auto stored, ReadConnection(database_->Query(kFindById, connection.id)));
  return *std::move(stored);
}

Result<Connection> SqliteTransaction::UpdateConnection(Connection connection, const Secret* literal,
                                                       bool login_changed) {
  BERTH_ASSIGN(const auto old, FindConnectionById(connection.id));
  if (!old) return NoSuchRow("connection", connection.id);
  BERTH_TRY(RefuseTakenName(connection));
  std::string sealed;
  if (connection.password_kind == PasswordKind::kLiteral) {
    if (literal != nullptr) {
      BERTH_ASSIGN(sealed, SealFor(connection, *literal, SealedPlace::kPassword));
    } else {
      BERTH_ASSIGN(sealed, KeepSealed(connection, SealedPlace::kPassword));
    }
  }
  const bool next_goes = old->next && !connection.next;
  if (next_goes) BERTH_TRY(StoreNextPassword(*old, nullptr, Secret()));
  std::string next_sealed;
  if (!next_goes && old->next && old->next->kind == PasswordKind::kLiteral) {
    BERTH_ASSIGN(next_sealed, KeepSealed(connection, SealedPlace::kNextPassword));
  }
  BERTH_ASSIGN(auto update, database_->Prepare(kUpdate));
  BindColumns(update, connection, sealed);
  update.Bind(Now());
  update.Bind(context_->actor);
  update.Bind(login_changed ? 1 : 0);
  BindSecret(update, connection);
  BERTH_TRY(update.Run());
  if (!next_sealed.empty()) {
    BERTH_TRY(StoreSealedText(*database_, {.place = SealedPlace::kNextPassword, .id = connection.id}, next_sealed));
  }
  BERTH_TRY(NoteMembers(*old, connection));
  auto options = ChangedOptions(*old, connection, login_changed && literal != nullptr);
  if (next_goes || NextVersion(*old) != NextVersion(connection)) {
    options += options.empty() ? "PASSWORD_NEXT" : ", PASSWORD_NEXT";
  }
  BERTH_TRY(NoteChange(connection, old->name == connection.name ? "alter" : "rename", options));
  BERTH_ASSIGN(auto stored, ReadConnection(database_->Query(kFindById, connection.id)));
  return *std::move(stored);
}

Status SqliteTransaction::DeleteConnection(std::int64_t id) {
  BERTH_ASSIGN(const auto old, FindConnectionById(id));
  if (Status status = database_->Run(kDelete, id); !status.ok()) {
    Error error = std::move(status).TakeError();
    if (error.code == ErrorCode::kDependentsExist) {
      error.message = fmt::format("The connection with the id {} still has dependents", id);
    }
    return error;
  }
  if (database_->ChangedRows() == 0) return NoSuchRow("connection", id);
  if (!old) return {};
  BERTH_TRY(NoteMembers(*old, Connection()));
  return NoteChange(*old, "drop", {});
}

}  // namespace berth::catalog
