#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sealer.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "sqlite/database.h"
#include "statements/list_request.h"
#include "statements/record.h"
#include "statements/statement_event.h"

namespace berth::statements {

struct StoreOptions {
  std::string path;      // absolute; made if it is not there
  bool durable = false;  // every commit synced
  const Clock* clock = nullptr;
};

// A statement that is no longer remembered.
struct Removed {
  std::string id;
  bool is_batch = false;
};

// One handle on statements.db. Each method is one or a few SQL statements within the transaction of its caller. Errors
// of all: the database's. One thread at a time.
class Store {
 public:
  // Brings the schema up to date. Errors: kFailedPrecondition (made by a newer version).
  static Result<std::unique_ptr<Store>> Open(const StoreOptions& options, const base::Sealer& sealer);

  sqlite::Database& database() { return *database_; }

  Status Insert(const Record& record);
  // State, measures, error and sub-statements; never a statement that is final already. False: it was, or is gone.
  Result<bool> Update(const Record& record);
  Result<std::optional<Record>> Find(std::string_view id);
  // Without sub-statements and results.
  Result<std::vector<Record>> List(const ListRequest& request, std::int64_t before_number, std::size_t limit);
  // The id that a caller's token stands for, of those that were submitted since.
  Result<std::optional<std::string>> FindToken(std::string_view caller, std::string_view token, Clock::Wall since);
  Status RequestCancel(std::string_view id);

  // Owners of statements and sessions that have not ended.
  Result<std::vector<std::string>> LiveOwners();
  Result<std::vector<Record>> LiveOf(std::string_view owner);
  Result<std::vector<std::string>> CancelRequests(std::string_view owner);
  Status SetOwner(std::string_view id, std::string_view owner);

  // Rows that ended before, at most `limit`; they come back.
  Result<std::vector<Removed>> RemoveEndedBefore(Clock::Wall time, std::size_t limit);
  Result<std::int64_t> StoredBytes();
  // Changes when another handle has committed.
  Result<std::int64_t> DataVersion();

  Status PutSession(const KeptSession& session, std::string_view owner);  // made or changed
  Result<std::optional<KeptSession>> FindSession(std::string_view id);
  Result<std::vector<std::pair<std::int64_t, KeptSession>>> ListSessions(const SessionListRequest& request,
                                                                         std::int64_t before_number, std::size_t limit);
  Status CloseSessionsOf(std::string_view owner, Clock::Wall now);
  Status RemoveSessionsClosedBefore(Clock::Wall time);

  // Writes the log back into the file. `anew`: waits for those who use it, so that it begins anew. How many pages it
  // has.
  Result<std::int64_t> WriteBack(bool anew);

  Status AddEvent(const StatementEvent& event);
  Result<std::vector<StatementEvent>> DueEvents(Clock::Wall now, std::size_t limit);
  Status RemoveEventsBefore(Clock::Wall time);
  Status RemoveEvent(std::int64_t number);
  Status PutOffEvent(std::int64_t number, Clock::Wall due_at);
  Result<std::int64_t> CountEvents();

 private:
  Store(std::unique_ptr<sqlite::Database> database, const base::Sealer& sealer)
      : database_(std::move(database)), sealer_(sealer) {}

  Status Upgrade();
  Result<std::vector<Record>> ReadAll(Result<sqlite::Statement> query, bool whole);
  Record ReadRow(const sqlite::Statement& row, bool whole);
  Status ReadSubStatements(Record& record);
  Status PutSubStatements(const Record& record);
  Result<std::optional<std::string>> SealError(std::string_view id, const std::string& error);
  std::string OpenError(std::string_view id, const sqlite::Statement& row, int column);

  const std::unique_ptr<sqlite::Database> database_;
  const base::Sealer& sealer_;
};

}  // namespace berth::statements
