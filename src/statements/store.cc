#include "statements/store.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/embedded.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

constexpr int kPageBytes = 2048;  // each commit writes some pages whole and sums them up: smaller ones cost less
constexpr std::chrono::milliseconds kOpenWait{10'000};  // for another process that makes the same file

constexpr std::string_view kInsert =
    "INSERT INTO statements (id, caller, connection, owner, state, created_at, updated_at, is_batch, execution_mode,"
    " result_format, with_event, name, client_token, session_id, cluster_identifier, workgroup, secret_arn, db_user,"
    " database, max_concurrent, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kUpdate =
    "UPDATE statements SET state = ?, updated_at = ?, pid = ?, query_id = ?, duration_ns = ?, result_rows = ?,"
    " result_size = ?, has_result_set = ?, stored_bytes = ?, error = ?, result = ? WHERE id = ? AND state < 3";
constexpr std::string_view kColumns =
    "SELECT number, id, caller, connection, owner, state, created_at, updated_at, is_batch, execution_mode,"
    " result_format, with_event, name, client_token, session_id, cluster_identifier, workgroup, secret_arn, db_user,"
    " database, max_concurrent, sealed, error, pid, query_id, duration_ns, result_rows, result_size, has_result_set,"
    " stored_bytes, result FROM statements ";
constexpr std::string_view kSubStatements =
    "SELECT position, state, created_at, updated_at, query_id, duration_ns, result_rows, result_size, has_result_set,"
    " error, result FROM sub_statements WHERE statement = ? ORDER BY position";
constexpr std::string_view kPutSubStatement =
    "INSERT OR REPLACE INTO sub_statements (statement, position, state, created_at, updated_at, query_id, duration_ns,"
    " result_rows, result_size, has_result_set, error, result) SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    " FROM statements"
    " WHERE id = ?";

std::optional<std::string_view> View(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

std::optional<std::string> OptionalText(const sqlite::Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Text(column);
}

std::shared_ptr<const std::string> SmallResult(const sqlite::Statement& row, int column) {
  return row.IsNull(column) ? nullptr : std::make_shared<const std::string>(row.Text(column));
}

void BindBytes(sqlite::Statement& statement, const std::string* bytes) {
  if (bytes != nullptr) {
    statement.BindBlob(*bytes);
  } else {
    statement.BindNull();
  }
}

std::string TextsSealedFor(std::string_view id) {
  return fmt::format("statement {}", id);
}
std::string ErrorSealedFor(std::string_view id) {
  return fmt::format("error {}", id);
}

// A file of our own that is not there yet. (A descriptor of a database that is closed drops the locks that this process
// has on it: so it is never opened where it is there.)
Status MakeFile(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file || errno == EEXIST) return {};
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("{} cannot be made: {}", path, std::generic_category().message(errno))};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(const StoreOptions& options, const base::Sealer& sealer) {
  BERTH_TRY(MakeFile(options.path));
  const auto deadline = Deadline::After(*options.clock, kOpenWait);
  BERTH_ASSIGN(auto database, sqlite::Database::Open(
                                  {.path = options.path, .page_bytes = kPageBytes, .clock = options.clock}, deadline));
  database->SetDeadline(deadline);
  // Without --durable a commit is safe from a crash of any program, and only a power cut can lose the last ones.
  BERTH_TRY(database->RunScript(options.durable ? "PRAGMA synchronous = FULL;" : "PRAGMA synchronous = NORMAL;"));
  // The log is written back by the Checkpointer: it waits for the disk twice, and every hundredth commit would with it.
  BERTH_TRY(database->RunScript("PRAGMA wal_autocheckpoint = 0;"));
  // A log that begins anew keeps what it has of the disk: cut off, each page would be made again.
  BERTH_TRY(database->RunScript("PRAGMA journal_size_limit = 67108864;"));
  std::unique_ptr<Store> store(new Store(std::move(database), sealer));
  BERTH_TRY(store->Upgrade());
  return store;
}

Status Store::Upgrade() {
  const auto version = [this]() -> Result<std::int64_t> {
    BERTH_ASSIGN(auto row, database_->Query("PRAGMA user_version"));
    BERTH_TRY(row.Step());
    return row.Integer(0);
  };
  const auto files = EmbeddedSql();
  BERTH_ASSIGN(std::int64_t is, version());
  const auto newest = static_cast<std::int64_t>(files.size());
  if (is == newest) return {};
  BERTH_TRY(database_->BeginWrite());
  BERTH_ASSIGN(is, version());
  if (is > newest) {
    database_->Rollback();
    return Error{
        .code = ErrorCode::kFailedPrecondition,
        .message = fmt::format("{} has version {} of its tables, this program knows {}", database_->path(), is, newest),
        .hint = "A newer version of Berth made it: run that one, or name another folder."};
  }
  for (; is < newest; ++is) {
    if (auto done = database_->RunScript(std::string(files[static_cast<std::size_t>(is)].text)); !done.ok()) {
      database_->Rollback();
      return done;
    }
  }
  BERTH_TRY(database_->RunScript(fmt::format("PRAGMA user_version = {};", newest)));
  return database_->Commit();
}

Status Store::Insert(const Record& record) {
  const auto& facts = record.facts;
  BERTH_ASSIGN(const auto sealed, sealer_.Seal(TextsSealedFor(facts.id), PackTexts(facts)));
  BERTH_ASSIGN(auto insert,
               database_->Query(kInsert, std::string_view(facts.id), std::string_view(facts.caller),
                                std::string_view(facts.connection), std::string_view(record.owner),
                                static_cast<int>(facts.progress.state), ToMillis(facts.progress.created_at),
                                ToMillis(facts.progress.updated_at), facts.is_batch,
                                static_cast<int>(facts.execution_mode), static_cast<int>(facts.result_format),
                                facts.with_event, std::string_view(facts.statement_name)));
  if (record.client_token.empty()) {
    insert.BindNull();
  } else {
    insert.Bind(std::string_view(record.client_token));
  }
  insert.Bind(View(facts.session_id));
  insert.Bind(View(facts.target.cluster_identifier));
  insert.Bind(View(facts.target.workgroup));
  insert.Bind(View(facts.target.secret_arn));
  insert.Bind(View(facts.target.db_user));
  insert.Bind(View(facts.target.database));
  insert.Bind(record.limits.max_concurrent);
  insert.BindBlob(sealed);
  BERTH_TRY(insert.Run());
  return PutSubStatements(record);
}

Result<bool> Store::Update(const Record& record) {
  const auto& facts = record.facts;
  const auto& progress = facts.progress;
  BERTH_ASSIGN(const auto error, SealError(facts.id, progress.error));
  {
    BERTH_ASSIGN(auto update, database_->Query(kUpdate, static_cast<int>(progress.state), ToMillis(progress.updated_at),
                                               facts.redshift_pid, progress.redshift_query_id, progress.duration_ns,
                                               progress.result_rows, progress.result_size, progress.has_result_set,
                                               record.stored_bytes));
    BindBytes(update, error ? &*error : nullptr);
    BindBytes(update, progress.small_result.get());
    update.Bind(std::string_view(facts.id));
    BERTH_TRY(update.Run());
  }
  if (database_->ChangedRows() == 0) return false;
  BERTH_TRY(PutSubStatements(record));
  return true;
}

Result<std::int64_t> Store::WriteBack(bool anew) {
  BERTH_ASSIGN(auto row, database_->Query(anew ? "PRAGMA wal_checkpoint(RESTART)" : "PRAGMA wal_checkpoint(PASSIVE)"));
  BERTH_ASSIGN(const bool has, row.Step());
  return has ? row.Integer(1) : 0;
}

Status Store::PutSubStatements(const Record& record) {
  int position = 0;
  for (const auto& sub : record.facts.sub_statements) {
    const auto& progress = sub.progress;
    BERTH_ASSIGN(const auto error, SealError(sub.id, progress.error));
    BERTH_ASSIGN(auto put, database_->Query(kPutSubStatement, ++position, static_cast<int>(progress.state),
                                            ToMillis(progress.created_at), ToMillis(progress.updated_at),
                                            progress.redshift_query_id, progress.duration_ns, progress.result_rows,
                                            progress.result_size, progress.has_result_set));
    BindBytes(put, error ? &*error : nullptr);
    BindBytes(put, progress.small_result.get());
    put.Bind(std::string_view(record.facts.id));
    BERTH_TRY(put.Run());
  }
  return {};
}

Result<std::optional<std::string>> Store::SealError(std::string_view id, const std::string& error) {
  if (error.empty()) return std::optional<std::string>();
  BERTH_ASSIGN(auto sealed, sealer_.Seal(ErrorSealedFor(id), error));
  return std::optional(std::move(sealed));
}

std::string Store::OpenError(std::string_view id, const sqlite::Statement& row, int column) {
  if (row.IsNull(column)) return {};
  return sealer_.Open(ErrorSealedFor(id), row.Text(column))
      .value_or("ERROR: the error's text was sealed with a key that is no longer there");
}

Record Store::ReadRow(const sqlite::Statement& row, bool whole) {
  Record record;
  auto& facts = record.facts;
  record.number = row.Integer(0);
  facts.id = row.Text(1);
  facts.caller = row.Text(2);
  facts.connection = row.Text(3);
  record.owner = row.Text(4);
  facts.progress.state = static_cast<StatementState>(row.Integer(5));
  facts.progress.created_at = FromMillis(row.Integer(6));
  facts.progress.updated_at = FromMillis(row.Integer(7));
  facts.is_batch = row.Integer(8) != 0;
  facts.execution_mode = static_cast<ExecutionMode>(row.Integer(9));
  facts.result_format = static_cast<ResultFormat>(row.Integer(10));
  facts.with_event = row.Integer(11) != 0;
  facts.statement_name = row.Text(12);
  record.client_token = row.Text(13);
  facts.session_id = OptionalText(row, 14);
  facts.target = {.cluster_identifier = OptionalText(row, 15),
                  .workgroup = OptionalText(row, 16),
                  .secret_arn = OptionalText(row, 17),
                  .db_user = OptionalText(row, 18),
                  .database = OptionalText(row, 19)};
  if (!row.IsNull(20)) record.limits.max_concurrent = static_cast<std::size_t>(row.Integer(20));
  const auto texts = sealer_.Open(TextsSealedFor(facts.id), row.Text(21));
  if (texts) static_cast<void>(UnpackTexts(*texts, facts));  // what was sealed by us unpacks
  facts.progress.error = OpenError(facts.id, row, 22);
  facts.redshift_pid = row.Integer(23);
  facts.progress.redshift_query_id = row.Integer(24);
  facts.progress.duration_ns = row.Integer(25);
  facts.progress.result_rows = row.Integer(26);
  facts.progress.result_size = row.Integer(27);
  facts.progress.has_result_set = row.Integer(28) != 0;
  record.stored_bytes = row.Integer(29);
  if (whole) facts.progress.small_result = SmallResult(row, 30);
  return record;
}

Status Store::ReadSubStatements(Record& record) {
  auto& facts = record.facts;
  if (!facts.is_batch) return {};
  BERTH_ASSIGN(auto row, database_->Query(kSubStatements, record.number));
  while (true) {
    BERTH_ASSIGN(const bool there, row.Step());
    if (!there) return {};
    SubStatementFacts sub;
    const auto position = static_cast<std::size_t>(row.Integer(0));
    sub.id = SubStatementId(facts.id, position);
    if (position >= 1 && position <= facts.sqls.size()) sub.sql = facts.sqls[position - 1];
    sub.progress = {.state = static_cast<StatementState>(row.Integer(1)),
                    .created_at = FromMillis(row.Integer(2)),
                    .updated_at = FromMillis(row.Integer(3)),
                    .duration_ns = row.Integer(5),
                    .result_rows = row.Integer(6),
                    .result_size = row.Integer(7),
                    .redshift_query_id = row.Integer(4),
                    .has_result_set = row.Integer(8) != 0,
                    .error = OpenError(sub.id, row, 9),
                    .small_result = SmallResult(row, 10)};
    facts.sub_statements.push_back(std::move(sub));
  }
}

Result<std::vector<Record>> Store::ReadAll(Result<sqlite::Statement> query, bool whole) {
  std::vector<Record> records;
  {
    BERTH_ASSIGN(auto row, std::move(query));
    while (true) {
      BERTH_ASSIGN(const bool there, row.Step());
      if (!there) break;
      records.push_back(ReadRow(row, whole));
    }
  }
  for (auto& record : records) {
    if (whole) BERTH_TRY(ReadSubStatements(record));
  }
  return records;
}

Result<std::optional<Record>> Store::Find(std::string_view id) {
  static const std::string kSql = std::string(kColumns) + "WHERE id = ?";
  BERTH_ASSIGN(auto records, ReadAll(database_->Query(kSql, id), true));
  if (records.empty()) return std::optional<Record>();
  return std::optional(std::move(records.front()));
}

Result<std::vector<Record>> Store::List(const ListRequest& request, std::int64_t before_number, std::size_t limit) {
  static const std::string kSql =
      std::string(kColumns) +
      "WHERE caller = ? AND number < ? AND (? < 0 OR state = ? OR (? < 3 AND state < 3))"
      " AND substr(name, 1, length(?)) = ? AND (? IS NULL OR cluster_identifier = ?)"
      " AND (? IS NULL OR workgroup = ?) AND (? IS NULL OR database = ?) ORDER BY number DESC LIMIT ?";
  // Which of the states before the end it is in, its owner may know better than its row.
  const int state = request.state ? static_cast<int>(*request.state) : -1;
  const auto name = std::string_view(request.name_prefix);
  const auto cluster = View(request.cluster_identifier);
  const auto workgroup = View(request.workgroup);
  const auto database = View(request.database);
  return ReadAll(database_->Query(kSql, std::string_view(request.caller), before_number, state, state, state, name,
                                  name, cluster, cluster, workgroup, workgroup, database, database, limit),
                 false);
}

Result<std::optional<std::string>> Store::FindToken(std::string_view caller, std::string_view token,
                                                    Clock::Wall since) {
  BERTH_ASSIGN(auto row, database_->Query("SELECT id FROM statements WHERE caller = ? AND client_token = ?"
                                          " AND created_at >= ? ORDER BY number DESC LIMIT 1",
                                          caller, token, ToMillis(since)));
  BERTH_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<std::string>();
  return std::optional(row.Text(0));
}

Status Store::RequestCancel(std::string_view id) {
  return database_->Run("UPDATE statements SET cancel_requested = 1 WHERE id = ? AND state < 3", id);
}

Result<std::vector<std::string>> Store::LiveOwners() {
  BERTH_ASSIGN(auto row, database_->Query("SELECT owner FROM statements WHERE state < 3"
                                          " UNION SELECT owner FROM sessions WHERE closed_at IS NULL"));
  std::vector<std::string> owners;
  while (true) {
    BERTH_ASSIGN(const bool there, row.Step());
    if (!there) return owners;
    owners.push_back(row.Text(0));
  }
}

Result<std::vector<Record>> Store::LiveOf(std::string_view owner) {
  static const std::string kSql = std::string(kColumns) + "WHERE owner = ? AND state < 3 ORDER BY number";
  return ReadAll(database_->Query(kSql, owner), true);
}

Result<std::vector<std::string>> Store::CancelRequests(std::string_view owner) {
  BERTH_ASSIGN(auto row, database_->Query("SELECT id FROM statements WHERE owner = ? AND state < 3"
                                          " AND cancel_requested = 1",
                                          owner));
  std::vector<std::string> ids;
  while (true) {
    BERTH_ASSIGN(const bool there, row.Step());
    if (!there) return ids;
    ids.push_back(row.Text(0));
  }
}

Status Store::SetOwner(std::string_view id, std::string_view owner) {
  return database_->Run("UPDATE statements SET owner = ? WHERE id = ?", owner, id);
}

// What ended before was accepted before: so nothing is looked at from the first on that was accepted later.
Result<std::vector<Removed>> Store::RemoveEndedBefore(Clock::Wall time, std::size_t limit) {
  std::vector<Removed> ended;
  {
    BERTH_ASSIGN(auto row, database_->Query(
                               "SELECT id, is_batch FROM statements WHERE state >= 3 AND updated_at < ?1 AND number <"
                               " coalesce((SELECT number FROM statements WHERE created_at >= ?1 ORDER BY number"
                               " LIMIT 1), 9223372036854775807) ORDER BY number LIMIT ?2",
                               ToMillis(time), limit));
    while (true) {
      BERTH_ASSIGN(const bool there, row.Step());
      if (!there) break;
      ended.push_back({.id = row.Text(0), .is_batch = row.Integer(1) != 0});
    }
  }
  for (const auto& one : ended)
    BERTH_TRY(database_->Run("DELETE FROM statements WHERE id = ?", std::string_view(one.id)));
  return ended;
}

Result<std::int64_t> Store::StoredBytes() {
  BERTH_ASSIGN(auto row, database_->Query("SELECT coalesce(sum(stored_bytes), 0) FROM statements"));
  BERTH_TRY(row.Step());
  return row.Integer(0);
}

Result<std::int64_t> Store::DataVersion() {
  return database_->DataVersion();
}

}  // namespace berth::statements
