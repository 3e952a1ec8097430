#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/sealer.h"
#include "statements/checkpointer.h"
#include "statements/owner.h"
#include "statements/record.h"
#include "statements/result_budget.h"
#include "statements/statement_service.h"
#include "statements/store.h"
#include "statements/turns.h"
#include "statements/verified_pages.h"
#include "statements/writer.h"

namespace berth::statements {

// Who waits for the end of a statement, or of one of a batch.
struct Waiter {
  std::optional<std::size_t> of;
  Deadline deadline = Deadline::Never();
  StatementService::Done<StatementFacts> done;
};

struct LiveSession;

// A statement that has not ended, in the process that runs it. All members belong to the service's mutex.
struct Live {
  Record record;
  StatementState stored = StatementState::kSubmitted;  // what the store has
  bool cancel = false;
  bool ended = false;               // its end is being written
  std::string cancel_words;         // what its error says then
  bool opens = false;               // its session has no slot before it
  Conversation* running = nullptr;  // what a Cancel() reaches
  std::shared_ptr<LiveSession> session;
  std::vector<Waiter> waiters;
};

// A kept session. `conversation` is used by whoever runs its statement; the other members belong to the service's
// mutex.
struct LiveSession {
  KeptSession facts;
  std::unique_ptr<Conversation> conversation;
  std::int32_t pid = 0;
  bool busy = false;
  bool open = false;  // it has a slot
  bool closed = false;
  Clock::Steady idle_until{}, ends_at{};
  std::deque<std::shared_ptr<Live>> pending;
};

// A waiter for a statement that another process runs.
struct RemoteWaiter {
  std::string caller, id;
  Waiter waiter;
};

// The methods are in files by what they do: service_open.cc, _submit, _run, _end, _sessions, _read, _wait, _tick,
// _adopt, _listing.
class ServiceImpl final : public StatementService {
 public:
  struct Parts {
    ServiceOptions options;
    const Clock* clock;
    std::unique_ptr<base::Sealer> sealer;
    Owner owner;
    std::unique_ptr<Store> reader, writer, checkpointer;
    std::string results, owners;
  };
  explicit ServiceImpl(Parts parts);
  ~ServiceImpl() override;
  Status Begin();  // adopts, and starts the threads

  void Submit(SubmitRequest request, Done<StatementFacts> done) override;
  Result<StatementFacts> Describe(std::string_view caller, std::string_view id) override;
  void Wait(std::string_view caller, std::string_view id, Deadline deadline, Done<StatementFacts> done) override;
  Status Cancel(std::string_view caller, std::string_view id) override;
  Result<StatementPage> List(const ListRequest& request) override;
  Result<ResultPage> Page(std::string_view caller, std::string_view id, std::string_view next_token,
                          ResultFormat format) override;
  void LookAhead(std::string_view caller, std::string_view id, std::string_view next_token,
                 ResultFormat format) override;
  std::string ConnectionOfSession(std::string_view caller, std::string_view session_id) override;
  Result<SessionPage> ListSessions(const SessionListRequest& request) override;
  void ListDatabases(ListingRequest request, Done<NamePage> done) override;
  void ListSchemas(ListingRequest request, Done<NamePage> done) override;
  void ListTables(ListingRequest request, Done<TablePage> done) override;
  void DescribeTable(ListingRequest request, Done<ColumnPage> done) override;
  Result<std::vector<StatementEvent>> DueEvents(std::size_t limit) override;
  Status EventTold(std::int64_t number) override;
  Status EventFailed(std::int64_t number, Clock::Wall again_at) override;
  ServiceStats Stats() override;
  void Drain(Deadline deadline) override;

 private:
  using LivePtr = std::shared_ptr<Live>;
  using SessionPtr = std::shared_ptr<LiveSession>;
  struct Known {  // of the catalog's connections
    std::int64_t version = -1;
    std::map<std::string, ConnectionFacts, std::less<>> by_name;
  };

  // Submitting.
  struct Accepted {
    LivePtr live;
    std::optional<Unit> now;  // it may run as soon as it is written
  };
  Result<Accepted> Accept(const SubmitRequest& request);
  Status CheckLimits(const SubmitRequest& request, const std::string& connection) BERTH_REQUIRES(mutex_);
  void CountLive(const StatementFacts& facts, int change) BERTH_REQUIRES(mutex_);
  Result<SessionPtr> SessionFor(const SubmitRequest& request, std::string& connection);
  Result<SessionPtr> OpenSession(const SubmitRequest& request, const ConnectionFacts& on) BERTH_REQUIRES(mutex_);
  void Written(const Accepted& accepted, const SubmitRequest& request, Status status,
               const std::optional<std::string>& existing, const Done<StatementFacts>& done);
  void TakeBack(const Accepted& accepted);
  Result<StatementFacts> Repeated(const SubmitRequest& request, std::string_view id);
  Result<std::optional<std::string>> IdOfToken(const SubmitRequest& request);
  Unit UnitOf(const LivePtr& live);
  Result<ConnectionFacts> ConnectionOf(const std::string& name);
  Status RefreshConnections() BERTH_REQUIRES(known_mutex_);

  // Running.
  void Dispatch() BERTH_REQUIRES(mutex_);
  // As Dispatch(), but how many workers its caller is to wake (Wake) once the mutex is free: who is woken before only
  // waits for it. `own`: of what is ready, the caller takes that many itself.
  std::size_t MoveReady(std::size_t own) BERTH_REQUIRES(mutex_);
  void Wake(std::size_t workers);
  void Work();
  bool RunStatement(const LivePtr& live);
  bool MarkPicked(const LivePtr& live);
  Result<Record> RunOn(const LivePtr& live, Conversation& conversation, bool& session_lost);
  // What a new conversation is to know before its first statement.
  Status Introduce(Conversation& conversation, const std::string& caller, const std::string& connection);
  Result<SessionFacts> Connect(const LivePtr& live, Conversation& conversation, Deadline deadline);
  Result<SessionFacts> ConnectCounted(const LivePtr& live, Conversation& conversation, Deadline deadline);
  bool IsCancelled(const LivePtr& live);
  void Progressed(const LivePtr& live, const Record& record);
  Record Failed(const LivePtr& live, const Error& error);

  // Ending.
  void PostEnd(const LivePtr& live, Record record);
  void Publish(const LivePtr& live, const std::shared_ptr<const Record>& record);
  Record NotRun(Record record, StatementState state, const std::string& words) const;

  // Kept sessions.
  void Pump(const SessionPtr& session) BERTH_REQUIRES(mutex_);
  Status SessionReady(const LivePtr& live, const SessionFacts& facts, bool was_held);
  bool SessionEnded(const LivePtr& live, bool lost);  // of its statement; true: a slot taken for it stays taken
  void CloseSession(const SessionPtr& session, std::vector<LivePtr>& orphans,
                    std::vector<std::unique_ptr<Conversation>>& conversations) BERTH_REQUIRES(mutex_);
  void EndOrphans(const std::vector<LivePtr>& orphans);
  void StoreSession(const SessionPtr& session) BERTH_REQUIRES(mutex_);

  void KeepEnded(const std::shared_ptr<const Record>& record) BERTH_REQUIRES(mutex_);

  // Reading.
  Result<Record> Find(std::string_view caller, std::string_view base_id);
  static Result<StatementFacts> Narrowed(StatementFacts facts, std::optional<std::size_t> of);
  static bool IsOver(const StatementFacts& facts, std::optional<std::size_t> of);

  // From time to time.
  void Tick();
  void TickOnce(Clock::Steady now);
  void ExpireWaiters(Clock::Steady now);
  void LookAtRemoteWaiters(Clock::Steady now);
  void ExpireSessions(Clock::Steady now);
  void CancelAgain();
  void StoreStarted();
  void HearOthers();
  void Sweep();  // what dead processes have left
  Status SweepOwner(Store& store, const std::string& owner, std::vector<Record>& adopted);
  void TakeOver(std::vector<Record> adopted);
  void RemoveOld();
  void RemoveResults(const Removed& removed) const;
  void RemoveStrayResults();
  bool Draining();
  void Release(std::vector<std::string>& ids, std::vector<LivePtr>& orphans) BERTH_REQUIRES(mutex_);
  void CancelLive(const LivePtr& live, const std::string& words) BERTH_REQUIRES(mutex_);

  // Listings.
  template <class T>
  void Listing(ListingRequest request, Done<T> done,
               std::function<Result<T>(Conversation&, const ListingRequest&)> ask);

  const ServiceOptions options_;
  const ServiceLimits& limits_;
  const Clock& clock_;
  Engine& engine_;
  const std::string results_, owners_;
  const std::unique_ptr<base::Sealer> sealer_;
  const Owner owner_;
  ResultBudget budget_;  // self-synchronised
  VerifiedPages verified_;

  base::Mutex read_mutex_;
  const std::unique_ptr<Store> reader_ BERTH_GUARDED_BY(read_mutex_);
  std::int64_t heard_version_ BERTH_GUARDED_BY(read_mutex_) = -1;
  base::Mutex known_mutex_;
  Known known_ BERTH_GUARDED_BY(known_mutex_);

  // No other mutex of the service is taken while this one is held.
  base::Mutex mutex_;
  std::condition_variable work_, quiet_, tick_;
  std::map<std::string, LivePtr, std::less<>> live_ BERTH_GUARDED_BY(mutex_);
  std::map<std::string, std::size_t, std::less<>> live_by_caller_ BERTH_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, std::size_t> live_by_grant_
      BERTH_GUARDED_BY(mutex_);  // caller, connection
  // The last ones that ended here: most are asked for at once, and what is final stays as it is.
  std::map<std::string, std::shared_ptr<const Record>, std::less<>> ended_ BERTH_GUARDED_BY(mutex_);
  std::deque<std::string> ended_ids_ BERTH_GUARDED_BY(mutex_);  // the oldest first
  std::map<std::string, SessionPtr, std::less<>> sessions_ BERTH_GUARDED_BY(mutex_);
  Turns turns_ BERTH_GUARDED_BY(mutex_);
  std::deque<Unit> ready_ BERTH_GUARDED_BY(mutex_);  // theirs is the turn; a worker takes them
  std::vector<std::thread> workers_ BERTH_GUARDED_BY(mutex_);
  std::size_t idle_ BERTH_GUARDED_BY(mutex_) = 0;
  std::size_t woken_ BERTH_GUARDED_BY(mutex_) = 0;
  std::vector<RemoteWaiter> remote_waiters_ BERTH_GUARDED_BY(mutex_);
  std::vector<std::pair<LivePtr, Record>> unwritten_ BERTH_GUARDED_BY(mutex_);  // ends that the store did not take
  std::uint64_t finished_ BERTH_GUARDED_BY(mutex_) = 0;
  std::uint64_t aborted_ BERTH_GUARDED_BY(mutex_) = 0;
  std::uint64_t failed_ BERTH_GUARDED_BY(mutex_) = 0;
  std::uint64_t acquires_ BERTH_GUARDED_BY(mutex_) = 0;
  std::uint64_t acquire_failures_ BERTH_GUARDED_BY(mutex_) = 0;
  std::uint64_t login_failures_ BERTH_GUARDED_BY(mutex_) = 0;
  std::chrono::nanoseconds acquire_time_ BERTH_GUARDED_BY(mutex_){0};
  std::chrono::nanoseconds run_time_ BERTH_GUARDED_BY(mutex_){0};
  bool draining_ BERTH_GUARDED_BY(mutex_) = false;
  bool stop_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread ticker_;
  Clock::Steady next_second_{}, next_minute_{};  // the ticker's own

  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Writer> writer_;  // the last member: what it still tells finds the others there
};

// Statements on the catalog that run at once: it has one writer.
inline constexpr std::size_t kCatalogStatementsMax = 4;

// What an unknown id, and another caller's, gets.
Error NoSuchStatement();
// The end of a statement and, if it wants one, its event.
Status WriteEnd(Store& store, const Record& record, std::chrono::seconds retention);

}  // namespace berth::statements
