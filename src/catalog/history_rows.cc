#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/sqlite_transaction.h"

// The history of changes: written by the methods that change a row, so that no way to change one leaves none.
namespace berth::catalog {
namespace {

#define BERTH_HISTORY_COLUMNS \
  "id, changed_at, changed_by, service_user, action, object_type, object_id, object_name, options, statement"
#define BERTH_HISTORY_NAMED                                                                           \
  "SELECT found.*, coalesce((SELECT name FROM connections WHERE id = found.connection_id),"           \
  " (SELECT object_name FROM change_history AS named WHERE named.connection_id = found.connection_id" \
  " AND named.object_type = 'connection' ORDER BY named.id DESC LIMIT 1))"
constexpr std::string_view kInsert =
    "INSERT INTO change_history (changed_at, changed_by, service_user, action, object_type, object_id, object_name,"
    " options, connection_id, statement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertConnection =
    "INSERT OR IGNORE INTO change_connections (change_id, connection_id) VALUES (?, ?)";
constexpr std::string_view kAll =
    "WITH newest AS (SELECT * FROM change_history ORDER BY id DESC LIMIT ?) " BERTH_HISTORY_NAMED
    " FROM (SELECT " BERTH_HISTORY_COLUMNS
    ", connection_id FROM newest UNION ALL"
    " SELECT " BERTH_HISTORY_COLUMNS
    ", other.connection_id FROM newest"
    " JOIN change_connections AS other ON other.change_id = newest.id) AS found ORDER BY found.id, found.connection_id";
constexpr std::string_view kOfConnection =
    "WITH wanted(wanted_id) AS (SELECT id FROM connections WHERE name_folded = lower(?1) AND name = ?1 UNION"
    " SELECT object_id FROM change_history WHERE object_type = 'connection' AND object_name = ?1) " BERTH_HISTORY_NAMED
    " FROM (SELECT * FROM (SELECT " BERTH_HISTORY_COLUMNS
    ", connection_id FROM change_history"
    " WHERE connection_id IN (SELECT wanted_id FROM wanted) UNION ALL"
    " SELECT " BERTH_HISTORY_COLUMNS
    ", other.connection_id FROM change_connections AS other"
    " JOIN change_history ON id = other.change_id WHERE other.connection_id IN (SELECT wanted_id FROM wanted))"
    " ORDER BY id DESC LIMIT ?2) AS found ORDER BY found.id, found.connection_id";
#undef BERTH_HISTORY_NAMED
#undef BERTH_HISTORY_COLUMNS

Result<std::vector<ChangeRow>> ReadAll(Result<sqlite::Statement> query) {
  std::vector<ChangeRow> changes;
  BERTH_ASSIGN(auto rows, std::move(query));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return changes;
    ChangeRow change{.id = rows.Integer(0),
                     .changed_at = rows.Text(1),
                     .changed_by = rows.Text(2),
                     .service_user = rows.Text(3),
                     .action = rows.Text(4),
                     .object_type = rows.Text(5),
                     .object_id = rows.Integer(6),
                     .object_name = rows.Text(7),
                     .options = rows.Text(8),
                     .connection_id = std::nullopt,
                     .other_connections = {},
                     .connection_name = rows.Text(11),
                     .statement = rows.Text(9)};
    if (!rows.IsNull(10)) change.connection_id = rows.Integer(10);
    changes.push_back(std::move(change));
  }
}

// At most so many bytes, cut between characters.
std::string_view Cut(std::string_view text) {
  if (text.size() <= kHistoryStatementBytesMax) return text;
  std::size_t end = kHistoryStatementBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

void SqliteTransaction::Describe(std::string_view statement, std::string_view service_user) {
  statement_ = Cut(statement);
  service_user_ = service_user;
  noted_connection_ = 0;
}

Status SqliteTransaction::Note(ChangeRow change) {
  if (rehearsing_) {
    rehearsed_.push_back(std::move(change));
    return {};
  }
  const auto user = service_user_.empty() ? std::nullopt : std::optional<std::string_view>(service_user_);
  BERTH_TRY(database_->Run(kInsert, std::string_view(Now()), std::string_view(context_->actor), user,
                           std::string_view(change.action), std::string_view(change.object_type), change.object_id,
                           std::string_view(change.object_name), std::string_view(change.options), change.connection_id,
                           std::string_view(statement_)));
  const auto id = database_->LastInsertId();
  for (const auto other : change.other_connections) {
    if (other != change.connection_id) BERTH_TRY(database_->Run(kInsertConnection, id, other));
  }
  return {};
}

Status SqliteTransaction::NoteChange(const Connection& connection, std::string_view action, std::string_view options) {
  noted_connection_ = connection.id;
  return Note({.action = std::string(action),
               .object_type = "connection",
               .object_id = connection.id,
               .object_name = connection.name,
               .options = std::string(options),
               .connection_id = connection.id});
}

Status SqliteTransaction::NoteChange(const ConnectionGroup& group, std::string_view action, std::string_view options) {
  return Note({.action = std::string(action),
               .object_type = "connection group",
               .object_id = group.id,
               .object_name = group.name,
               .options = std::string(options)});
}

// It concerns the connections whose password it is.
Status SqliteTransaction::NoteChange(const StoredSecret& secret, std::string_view action, std::string_view options) {
  BERTH_ASSIGN(const auto users, ConnectionsWithSecret(secret.id));
  ChangeRow change{.action = std::string(action),
                   .object_type = "secret",
                   .object_id = secret.id,
                   .object_name = secret.name,
                   .options = std::string(options)};
  for (const auto& connection : users) change.other_connections.push_back(connection.id);
  if (!users.empty()) change.connection_id = users.front().id;
  return Note(std::move(change));
}

Status SqliteTransaction::NoteChange(const Table& table, std::string_view action) {
  return Note({.action = std::string(action),
               .object_type = "table",
               .object_id = table.id,
               .object_name = base::QuoteIdentifier(table.schema) + "." + base::QuoteIdentifier(table.name),
               .connection_id = table.connection_id});
}

// It concerns the connections that it runs on and touches, and those that it did before.
Status SqliteTransaction::NoteChange(const Job& job, std::string_view action, std::string_view options,
                                     const Job* before) {
  ChangeRow change{.action = std::string(action),
                   .object_type = "job",
                   .object_id = job.id,
                   .object_name = job.name,
                   .options = std::string(options)};
  for (const auto* each : {&job, before}) {
    if (each == nullptr) continue;
    if (each->connection_id) change.other_connections.push_back(*each->connection_id);
    for (const auto& edge : each->edges) change.other_connections.push_back(edge.connection_id);
  }
  if (!change.other_connections.empty()) change.connection_id = change.other_connections.front();
  return Note(std::move(change));
}

Result<std::vector<ChangeRow>> SqliteTransaction::HistoryOf(std::string_view connection_name, std::int64_t most) {
  BERTH_TRY(Ready());
  return ReadAll(database_->Query(kOfConnection, connection_name, most));
}

Result<std::vector<ChangeRow>> SqliteTransaction::ListHistory(std::int64_t most) {
  BERTH_TRY(Ready());
  return ReadAll(database_->Query(kAll, most));
}

Result<std::vector<ChangeRow>> SqliteTransaction::Rehearse(const std::function<Status()>& work, Status& refused) {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run("SAVEPOINT rehearsal"));
  rehearsing_ = true;
  refused = work();
  rehearsing_ = false;
  noted_connection_ = 0;
  rehearsal_key_.reset();
  auto changes = std::exchange(rehearsed_, {});
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Run("ROLLBACK TO rehearsal"));
  BERTH_TRY(database_->Run("RELEASE rehearsal"));
  return changes;
}

}  // namespace berth::catalog
