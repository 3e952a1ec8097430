#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "berth/deadline.h"
#include "berth/error.h"

struct sqlite3;
struct sqlite3_stmt;

// The only home of SQLite: handles that close themselves, errors as Error, and a busy handler that asks our Clock.
namespace berth::sqlite {

class Database;

// A prepared statement on loan from its Database's cache; goes back when it dies. Parameters are bound in their order.
// What a bind could not take is told by the next Step(). Must not outlive its Database; one thread at a time.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void Bind(std::int64_t value);
  void Bind(std::string_view text);
  void BindBlob(std::string_view bytes);
  void BindNull();
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, std::int64_t>)
  void Bind(T value) {
    Bind(static_cast<std::int64_t>(value));
  }
  template <class T>
  void Bind(const std::optional<T>& value) {
    value ? Bind(*value) : BindNull();
  }

  Result<bool> Step();  // true: a row is there
  Status Run();         // to the end, rows are thrown away

  std::int64_t Integer(int column) const;
  std::string Text(int column) const;  // also a blob's bytes
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* handle, bool cached);

  Database* database_;
  sqlite3_stmt* handle_;
  bool cached_;
  int next_parameter_ = 1;
  int bind_error_ = 0;
};

struct DatabaseOptions {
  std::string path;  // absolute; the file must be there
  // Promises that nobody writes the file: no lock is taken and no file made beside it. For folders that cannot be
  // written.
  bool immutable = false;
  int page_bytes = 4096;  // of a file that is empty yet, a power of two from 512
  const Clock* clock = nullptr;
};

// One handle on a database file in WAL mode, with foreign keys on, no trust in the schema, and every commit synced: a
// catalog of record writes rarely, so a commit that survives a power cut is worth its few milliseconds. One thread at a
// time.
class Database {
 public:
  // Waits until `deadline` where another process has the file locked (it may be switching it to WAL).
  static Result<std::unique_ptr<Database>> Open(const DatabaseOptions& options, Deadline deadline);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // How long what follows may wait for another's lock; it never waits for anything else.
  void SetDeadline(Deadline deadline);

  Result<Statement> Prepare(std::string_view sql);
  template <class... Values>
  Result<Statement> Query(std::string_view sql, const Values&... values) {
    auto statement = Prepare(sql);
    if (statement.ok()) (statement.value().Bind(values), ...);
    return statement;
  }
  template <class... Values>
  Status Run(std::string_view sql, const Values&... values) {
    auto statement = Query(sql, values...);
    if (!statement.ok()) return std::move(statement).TakeError();
    return statement.value().Run();
  }
  Status RunScript(const std::string& sql);  // several statements, no parameters

  Status BeginRead();
  Status BeginWrite();  // takes the one write lock now, so that nothing read later must be read again
  Status Commit();      // in_doubt is set where the disk failed so late that a recovery may still find the commit
  void
  Rollback();  // no error: what is not committed is gone; InTransaction() stays true if the handle is of no more use
  bool InTransaction() const;

  // Changes when another handle has committed. Costs next to nothing while nobody has.
  Result<std::int64_t> DataVersion();
  std::int64_t LastInsertId() const;
  std::int64_t ChangedRows() const;  // by the last statement
  bool read_only() const;
  bool immutable() const { return immutable_; }
  const std::string& path() const { return path_; }

 private:
  struct Impl;
  friend class Statement;
  explicit Database(const DatabaseOptions& options);

  Status Configure(int page_bytes);
  bool LogMoved();
  Error LastError(int code) const;

  const std::string path_;
  const bool immutable_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::sqlite
