#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "migrations/folder.h"
#include "migrations/parts.h"

namespace berth::migrations {

// A row of a warehouse's history.
struct WarehouseRow {
  std::int64_t rank = 0;
  std::optional<std::string> version;
  std::string description, script, checksum;
  bool deleted = false;  // repair: the script is gone
  std::int64_t part = 0;
  std::string installed_by, installed_on;
  bool success = false;                // false: a file without a transaction is under way, or was cut off
  std::int64_t started = 0, done = 0;  // of its statements
};

struct WarehouseOptions {
  std::string schema = "public";  // of the history
  std::optional<std::chrono::milliseconds> statement_timeout;
  std::chrono::milliseconds lock_wait{600'000};
  NoticeSink notices;
};

struct FileState;

enum class Ran : std::uint8_t { kNow, kBefore };  // kBefore: the history says that it was done

// Part `number` (from 1) of a file, for one connection.
struct PartOfFile {
  const File& file;
  const Part& part;
  std::int64_t number = 1;
  bool another = false;  // the next thing to be done is a part of the same connection, of a file in a transaction
};

// How much there is of a history: rows are only added, and each gets the next rank.
struct HistoryExtent {
  std::int64_t rows = 0, last_rank = 0;
  bool operator==(const HistoryExtent&) const = default;
};

// A history as it was read, with what was added to it since then by us.
struct SeenHistory {
  HistoryExtent extent;
  std::set<std::string> scripts;
};

// One connection as migrations see it: its history (a table of its own) and what is run there. One thread; keeps one
// session.
class Warehouse {
 public:
  // No session is opened yet. Errors: kNotFound (no such connection).
  static Result<std::unique_ptr<Warehouse>> Open(Engine& engine, const Clock& clock, const std::string& connection,
                                                 const WarehouseOptions& options);

  // Empty where there is no history yet.
  Result<std::vector<WarehouseRow>> History();
  // Runs the part and adds its row, as one transaction, or statement by statement where the file says so. Whatever
  // happens to this process or the server, the row is there exactly if the part was done. With `another` the next
  // part's transaction is begun, with its lock, in the round trip that commits this one. Errors, with script and line:
  // the server's; kFailedPrecondition (the text was changed since it was begun, or a statement is in doubt).
  Result<Ran> Apply(const PartOfFile& part);
  // The statement that is in doubt was applied, or was not. Errors: kNotFound (none is).
  Status Settle(const PartOfFile& part, bool applied);
  // The rows of `script` are the file's from now on, with its name and its text.
  Status Realign(const std::string& script, const File& file);
  // The file is gone: its rows no longer count.
  Status MarkDeleted(const FileState& state);
  // A row without the work: it was done by other means.
  Status MarkDone(const PartOfFile& part);

 private:
  struct Known {
    std::int64_t rank = 0;  // 0: nothing is known
    std::string checksum;
    bool success = false;
    std::int64_t started = 0, done = 0;
  };
  Warehouse(std::unique_ptr<Conversation> conversation, const Clock& clock, std::string connection,
            const WarehouseOptions& options);

  const std::string& Sql(std::string_view name);
  Deadline StatementDeadline() const;
  using Row = std::vector<std::optional<std::string>>;
  Result<std::vector<Row>> Query(std::string_view sql, Parameters parameters, Deadline deadline);
  Result<std::int64_t> Run(std::string_view sql, Parameters parameters, Deadline deadline);  // rows affected
  Status EnsureTable();
  // BEGIN, with the lock of the history; `extent_` is of now.
  Status Begin();
  void Began(const Row& extent);
  Status Commit();
  void RollBack();  // what is open, if anything
  Error RolledBack(Error error);
  Result<Known> Find(const PartOfFile& part);
  // The same under the lock. Asks nothing where the history was read, holds no more than then, and said nothing of the
  // script.
  Result<Known> FindUnderLock(const PartOfFile& part);
  std::vector<std::optional<std::string>> InsertValues(const PartOfFile& part, std::int64_t milliseconds,
                                                       bool success) const;
  Status Insert(const PartOfFile& part, std::int64_t milliseconds, bool success);
  // The row and the COMMIT, in one round trip, and what `another` asks for.
  Status Finish(const PartOfFile& part, std::int64_t milliseconds);
  // Runs a text whose first COMMIT is the part's. OK once that has committed, whatever comes after it.
  Status RunToCommit(const std::string& text, Deadline deadline);
  bool IsDone(const PartOfFile& part);
  Status SendSteps(const PartOfFile& part);
  Status SendStep(const Step& step, const File& file);
  Result<Ran> ApplyAsOne(const PartOfFile& part);
  Result<Ran> ApplyStepwise(const PartOfFile& part);
  Result<Known> ClaimStepwise(const PartOfFile& part);
  // The settings that the first `done` statements made went with their session: they are made again.
  Status MakeSettingsAgain(const PartOfFile& part, std::int64_t done);
  Status Move(const Known& row, std::int64_t started, std::int64_t done);

  const std::unique_ptr<Conversation> conversation_;
  const Clock& clock_;
  const std::string connection_;
  const WarehouseOptions options_;
  std::string user_;
  std::map<std::string, std::string> texts_;  // what is sent, by the file's name
  bool table_is_there_ = false;
  bool begun_ = false;               // the next Begin() is done already
  HistoryExtent extent_;             // since Begin()
  std::optional<SeenHistory> seen_;  // nullopt: not read, or changed in another way since then
};

}  // namespace berth::migrations
