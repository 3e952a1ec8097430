#include "sqlite/database.h"

#include <fmt/core.h>

#include <array>
#include <functional>
#include <map>

#include <sqlite3.h>

#include "base/try.h"
#include "sqlite/busy_wait.h"
#include "sqlite/sqlite_errors.h"

namespace berth::sqlite {
namespace {

struct CloseHandle {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

int OnBusy(void* wait, int count) {
  return static_cast<BusyWait*>(wait)->Pause(count == 0) ? 1 : 0;
}

// "file:" addresses: all that is not plain is written as %XX.
std::string FileAddress(std::string_view path, std::string_view query) {
  std::string address = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '-' || c == '_';
    address += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return address.append(query);
}

// The reason of an input or output error. SQLite keeps it with the handle only for some of the ways to fail; the file
// that failed (the log, or the database itself) always remembers it.
int SystemErrno(sqlite3* handle) {
  if (const int number = sqlite3_system_errno(handle); number != 0) return number;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int number = 0;
    if (sqlite3_file_control(handle, "main", which, static_cast<void*>(&file)) != SQLITE_OK || file == nullptr)
      continue;
    if (file->pMethods == nullptr) continue;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK && number != 0) return number;
  }
  return 0;
}

constexpr std::size_t kStatementsMax = 64;  // cached by a handle; more are prepared for one use

// The head of the log's index, twice as it stands in the shared memory of all handles: with the number of the last
// commit, the log's salts and the checksum of its last frame, so that each commit, and each log that begins anew,
// changes it. (sqlite.org/walformat.html, "WAL-Index Header".)
using LogHead = std::array<std::uint32_t, 24>;
constexpr int kIndexRegion = 32 * 1024;  // bytes; the unit in which SQLite maps it

// False: it is not in memory.
bool ReadLogHead(sqlite3* handle, LogHead& head) {
  sqlite3_file* file = nullptr;
  const int rc = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (rc != SQLITE_OK || file == nullptr || file->pMethods == nullptr) return false;
  if (file->pMethods->iVersion < 2 || file->pMethods->xShmMap == nullptr) return false;
  void volatile* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, kIndexRegion, 0, &region) != SQLITE_OK || region == nullptr) return false;
  const auto* words = static_cast<const volatile std::uint32_t*>(region);
  for (auto& word : head) word = *words++;
  return true;
}

}  // namespace

struct Database::Impl {
  explicit Impl(const Clock& clock) : wait(clock) {}

  BusyWait wait;
  std::unique_ptr<sqlite3, CloseHandle> handle;
  struct Cached {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    bool lent = false;
  };
  std::optional<LogHead> log_head;  // as it was when `data_version` was read
  std::int64_t data_version = 0;
  std::map<std::string, Cached, std::less<>> statements;  // by text; after `handle`, so that they go first
};

Statement::Statement(Database* database, sqlite3_stmt* handle, bool cached)
    : database_(database), handle_(handle), cached_(cached) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      cached_(other.cached_),
      next_parameter_(other.next_parameter_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  if (!cached_) {
    sqlite3_finalize(handle_);
    return;
  }
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  const auto found = database_->impl_->statements.find(std::string_view(sqlite3_sql(handle_)));
  if (found != database_->impl_->statements.end()) found->second.lent = false;
}

void Statement::Bind(std::int64_t value) {
  if (const int rc = sqlite3_bind_int64(handle_, next_parameter_++, value); rc != SQLITE_OK) bind_error_ = rc;
}

void Statement::Bind(std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();
  const int rc = sqlite3_bind_text64(handle_, next_parameter_++, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (rc != SQLITE_OK) bind_error_ = rc;
}

void Statement::BindBlob(std::string_view bytes) {
  const int rc = sqlite3_bind_blob64(handle_, next_parameter_++, bytes.data() == nullptr ? "" : bytes.data(),
                                     bytes.size(), SQLITE_TRANSIENT);
  if (rc != SQLITE_OK) bind_error_ = rc;
}

void Statement::BindNull() {
  if (const int rc = sqlite3_bind_null(handle_, next_parameter_++); rc != SQLITE_OK) bind_error_ = rc;
}

Result<bool> Statement::Step() {
  if (bind_error_ != 0) return database_->LastError(bind_error_);
  const int rc = sqlite3_step(handle_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return database_->LastError(rc);
}

Status Statement::Run() {
  bool row = true;
  while (row) {
    BERTH_ASSIGN(row, Step());
  }
  return {};
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const int count = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(count));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Database::Database(const DatabaseOptions& options)
    : path_(options.path), immutable_(options.immutable), impl_(std::make_unique<Impl>(*options.clock)) {}

Database::~Database() {
  if (InTransaction()) Rollback();
}

Result<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options, Deadline deadline) {
  const bool immutable = options.immutable;
  std::unique_ptr<Database> database(new Database(options));
  database->SetDeadline(deadline);
  const std::string address = FileAddress(database->path_, immutable ? "?immutable=1" : "");
  const int flags = (immutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int rc = sqlite3_open_v2(address.c_str(), &handle, flags, nullptr);
  database->impl_->handle.reset(handle);
  if (rc != SQLITE_OK) return database->LastError(rc);
  BERTH_TRY(database->Configure(options.page_bytes));
  return database;
}

Status Database::Configure(int page_bytes) {
  sqlite3* handle = impl_->handle.get();
  sqlite3_busy_handler(handle, OnBusy, &impl_->wait);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  BERTH_TRY(RunScript(
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL;"
      "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 8388608;"));
  if (read_only()) return {};
  BERTH_TRY(RunScript(fmt::format("PRAGMA page_size = {};", page_bytes)));
  // Two processes that switch a new file to WAL at once may both hold a read lock that the other waits for; SQLite then
  // answers "busy" at once without asking the handler. Whoever lost lets go and tries again.
  for (bool first = true;; first = false) {
    Status switched = RunScript("PRAGMA journal_mode = WAL;");
    if (switched.ok()) return {};
    const bool busy = (sqlite3_extended_errcode(handle) & 0xff) == SQLITE_BUSY;
    if (!busy || !impl_->wait.Pause(first)) return switched;
  }
}

void Database::SetDeadline(Deadline deadline) {
  impl_->wait.SetDeadline(deadline);
}

Result<Statement> Database::Prepare(std::string_view sql) {
  const auto found = impl_->statements.find(sql);
  if (found != impl_->statements.end() && !found->second.lent) {
    found->second.lent = true;
    return Statement(this, found->second.statement.get(), true);
  }
  const bool keep = found == impl_->statements.end() && impl_->statements.size() < kStatementsMax;
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v3(impl_->handle.get(), sql.data(), static_cast<int>(sql.size()),
                                    keep ? SQLITE_PREPARE_PERSISTENT : 0U, &statement, nullptr);
  if (rc != SQLITE_OK) return LastError(rc);
  if (keep) {
    auto& cached = impl_->statements[std::string(sqlite3_sql(statement))];
    cached.statement.reset(statement);
    cached.lent = true;
  }
  return Statement(this, statement, keep);
}

Status Database::RunScript(const std::string& sql) {
  const int rc = sqlite3_exec(impl_->handle.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return LastError(rc);
  return {};
}

Status Database::BeginRead() {
  return Run("BEGIN");
}

Status Database::BeginWrite() {
  // SQLite would take BEGIN IMMEDIATE on a read-only file for a plain BEGIN and fail at the first change.
  if (read_only()) return ErrorOf({.extended_code = SQLITE_READONLY, .path = path_});
  return Run("BEGIN IMMEDIATE");
}

Status Database::Commit() {
  Status status = Run("COMMIT");
  if (status.ok()) return status;
  Error error = std::move(status).TakeError();
  // A commit whose last sync failed may be whole on the disk: the next recovery of the log would find it there.
  error.in_doubt = sqlite3_extended_errcode(impl_->handle.get()) == SQLITE_IOERR_FSYNC;
  Rollback();
  return error;
}

void Database::Rollback() {
  if (!InTransaction()) return;
  static_cast<void>(Run("ROLLBACK").ok());
}

bool Database::InTransaction() const {
  return impl_->handle != nullptr && sqlite3_get_autocommit(impl_->handle.get()) == 0;
}

// Whether somebody may have committed since it was last asked. Another process or thread that commits now is seen by
// the next call: the head is read before what it stands for.
bool Database::LogMoved() {
  LogHead head{};
  if (immutable_ || !ReadLogHead(impl_->handle.get(), head)) {
    impl_->log_head.reset();
    return true;
  }
  if (impl_->log_head == head) return false;
  impl_->log_head = head;
  return true;
}

Result<std::int64_t> Database::DataVersion() {
  if (!LogMoved()) return impl_->data_version;
  const auto read = [this]() -> Result<std::int64_t> {
    BERTH_ASSIGN(auto row, Query("PRAGMA data_version"));
    BERTH_TRY(row.Step());
    return row.Integer(0);
  };
  auto version = read();
  if (version.ok()) {
    impl_->data_version = version.value();
  } else {
    impl_->log_head.reset();
  }
  return version;
}

std::int64_t Database::LastInsertId() const {
  return sqlite3_last_insert_rowid(impl_->handle.get());
}

std::int64_t Database::ChangedRows() const {
  return sqlite3_changes64(impl_->handle.get());
}

bool Database::read_only() const {
  return sqlite3_db_readonly(impl_->handle.get(), "main") == 1;
}

Error Database::LastError(int code) const {
  sqlite3* handle = impl_->handle.get();
  if (handle == nullptr) {
    return ErrorOf({.extended_code = code, .message = sqlite3_errstr(code), .path = path_});
  }
  const int extended_code = sqlite3_extended_errcode(handle);
  const std::string message = sqlite3_errmsg(handle);
  const bool system = (extended_code & 0xff) == SQLITE_IOERR || (extended_code & 0xff) == SQLITE_CANTOPEN;
  return ErrorOf({.extended_code = extended_code,
                  .system_errno = system ? SystemErrno(handle) : 0,
                  .message = message,
                  .path = path_,
                  .waited = impl_->wait.waited()});
}

}  // namespace berth::sqlite
