#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "statements/list_request.h"
#include "statements/result_page.h"
#include "statements/service_options.h"
#include "statements/statement_event.h"
#include "statements/statement_facts.h"
#include "statements/submit_request.h"
#include "statements/warehouse_listing.h"

namespace berth::statements {

// For who watches the service: of this process, except for the results and the outbox, which are the folder's.
struct ServiceStats {
  std::size_t submitted = 0, picked = 0, started = 0;   // now
  std::uint64_t finished = 0, aborted = 0, failed = 0;  // since the service was opened
  std::chrono::milliseconds oldest_submitted{0};        // how long it has waited
  std::size_t sessions = 0;
  std::size_t waiters = 0;
  std::uint64_t acquires = 0;          // sessions that statements got, since the service was opened
  std::uint64_t acquire_failures = 0;  // and did not get: a login failed, or none came free in time
  std::uint64_t login_failures = 0;    // of these: the server refused the login, or could not be reached
  std::chrono::nanoseconds acquire_time{0}, run_time{0};  // of all of them
  std::int64_t result_bytes = 0;
  std::int64_t events_due = 0;
};

// Statements with a life of their own, as the Data API has them: submitted, run in their turn through the engine's
// pools, described and cancelled by id, their results kept as files. Safe from many threads; several processes may have
// one folder open: each runs what it accepted, and each can describe, cancel and read all. Ids of statements are what a
// client sent, not yet trusted: "<uuid>" or "<uuid>:n". Whoever asks for another caller's statement hears what he would
// hear if there were none. Errors whose text the service's clients know are worded as the service words them. All
// errors may also be kCatalogUnavailable, kCatalogCorrupt, kDiskFull.
class StatementService {
 public:
  // What calls back does so exactly once, on the caller's thread or on one of the service's own; it must not block, and
  // so calls nothing of the service that waits for a commit (Cancel, EventTold, EventFailed, Drain).
  template <class T>
  using Done = std::function<void(Result<T>)>;

  // Makes the folder, ends what dead processes left running (kFailed: its fate is in doubt) and takes over what they
  // had accepted and not begun. Errors: kInvalidArgument (the folder), kFailedPrecondition (made by a newer version, or
  // the catalog's key cannot be read).
  static Result<std::unique_ptr<StatementService>> Open(ServiceOptions options);
  virtual ~StatementService() = default;  // as Drain() with a deadline that has passed

  // Accepted means written: what `done` was told of runs, or is told of as failed, whatever becomes of this process.
  // The same caller, client_token and request within client_token_retention: the statement of before, as it is by now.
  // Errors: kResourceExhausted (active_max), kThrottled (the caller's max), kTooManySessions, kInvalidArgument (unused
  // parameters, token used with another request, session not there), kUnavailable (draining).
  virtual void Submit(SubmitRequest request, Done<StatementFacts> done) = 0;
  // Errors: kNotFound ("Query does not exist.").
  virtual Result<StatementFacts> Describe(std::string_view caller, std::string_view id) = 0;
  // Once the statement (of "<id>:n": that one) is final, or at the deadline as it is then. Errors: kNotFound,
  // kTooManyWaiters.
  virtual void Wait(std::string_view caller, std::string_view id, Deadline deadline, Done<StatementFacts> done) = 0;
  // Asks it to end as kAborted; "<id>:n" asks the whole batch. Errors: kNotFound, kInvalidArgument (it is final).
  virtual Status Cancel(std::string_view caller, std::string_view id) = 0;
  virtual Result<StatementPage> List(const ListRequest& request) = 0;
  // `format`: what the operation can return. Errors: kNotFound (no such statement, or it has no result, or not yet),
  // kInvalidArgument (a batch without :n, another format, a token that is none of this result).
  virtual Result<ResultPage> Page(std::string_view caller, std::string_view id, std::string_view next_token,
                                  ResultFormat format) = 0;
  // For who is likely to ask for that page next: Page() then need not verify it. What is wrong with it, Page() says.
  virtual void LookAhead(std::string_view caller, std::string_view id, std::string_view next_token,
                         ResultFormat format) = 0;
  // Which connection the caller's kept session is on; empty: there is no such session here any more.
  virtual std::string ConnectionOfSession(std::string_view caller, std::string_view session_id) = 0;
  // Errors: kNotFound (session_id is given, and there is none).
  virtual Result<SessionPage> ListSessions(const SessionListRequest& request) = 0;

  // Errors: kDeadlineExceeded (QueryTimeoutException), kInvalidArgument (token, database), those of the connection and
  // the server's.
  virtual void ListDatabases(ListingRequest request, Done<NamePage> done) = 0;
  virtual void ListSchemas(ListingRequest request, Done<NamePage> done) = 0;
  virtual void ListTables(ListingRequest request, Done<TablePage> done) = 0;
  virtual void DescribeTable(ListingRequest request, Done<ColumnPage> done) = 0;

  // The outbox: events that are due, the oldest first, at most `limit`.
  virtual Result<std::vector<StatementEvent>> DueEvents(std::size_t limit) = 0;
  virtual Status EventTold(std::int64_t number) = 0;
  virtual Status EventFailed(std::int64_t number, Clock::Wall again_at) = 0;

  virtual ServiceStats Stats() = 0;
  // No new statements from now on. What runs may end until the deadline; the rest is cancelled and says so; what has
  // not begun stays submitted, for the next process. Returns once nothing runs.
  virtual void Drain(Deadline deadline) = 0;
};

}  // namespace berth::statements
