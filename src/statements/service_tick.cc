#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/try.h"
#include "statements/batch_runner.h"
#include "statements/service_impl.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::size_t kRemovedAtOnce = 200;  // statements in one commit
constexpr std::chrono::hours kEventsKept{6 *
                                         24};  // after the result was removed: whoever is not told in a week is gone
constexpr std::size_t kRemoteWaitersMax = 1000;
// Of statements that a process gave up before they began: no process of that name lives.
constexpr std::string_view kNoOwner = "released";
constexpr std::string_view kStoppedWords = "ERROR: The service was stopped while the statement ran, and cancelled it";

}  // namespace

void ServiceImpl::Tick() {
  auto looked = Clock::Steady::min();  // the first look is at once
  while (true) {
    {
      base::MutexLock lock(mutex_);
      const auto until = looked + kTick;  // time that went by during the look counts
      while (!stop_ && clock_.Now() < until) clock_.WaitUntil(tick_, lock.native(), until);
      if (stop_) return;
    }
    looked = clock_.Now();
    TickOnce(looked);
  }
}

void ServiceImpl::TickOnce(Clock::Steady now) {
  ExpireWaiters(now);
  CancelAgain();
  StoreStarted();
  HearOthers();
  if (now < next_second_) return;
  next_second_ = now + std::chrono::seconds(1);
  LookAtRemoteWaiters(now);
  ExpireSessions(now);
  if (!Draining()) Sweep();
  if (now < next_minute_) return;
  next_minute_ = now + std::chrono::minutes(1);
  RemoveOld();
}

bool ServiceImpl::Draining() {
  const base::MutexLock lock(mutex_);
  return draining_;
}

// Of statements that have not ended, and units whose time to begin has passed.
void ServiceImpl::ExpireWaiters(Clock::Steady now) {
  std::vector<std::pair<StatementFacts, Waiter>> expired;
  std::vector<Unit> units;
  {
    const base::MutexLock lock(mutex_);
    for (auto& [id, live] : live_) {
      auto& waiters = live->waiters;
      for (auto waiter = waiters.begin(); waiter != waiters.end();) {
        if (waiter->deadline.time() > now) {
          ++waiter;
          continue;
        }
        expired.emplace_back(live->record.facts, std::move(*waiter));
        waiter = waiters.erase(waiter);
      }
    }
    units = turns_.TakeExpired(now);
  }
  for (const auto& [facts, waiter] : expired) waiter.done(Narrowed(facts, waiter.of));
  for (const auto& unit : units) unit.expired();
}

void ServiceImpl::LookAtRemoteWaiters(Clock::Steady now) {
  std::vector<RemoteWaiter> waiters;
  {
    const base::MutexLock lock(mutex_);
    waiters.swap(remote_waiters_);
  }
  for (auto& waiter : waiters) {
    auto facts = Describe(waiter.caller, waiter.id);
    const bool over = !facts.ok() || IsFinal(facts.value().progress.state);
    if (!over && waiter.waiter.deadline.time() > now) {
      const base::MutexLock lock(mutex_);
      if (remote_waiters_.size() < kRemoteWaitersMax) {
        remote_waiters_.push_back(std::move(waiter));
        continue;
      }
    }
    waiter.waiter.done(std::move(facts));
  }
}

void ServiceImpl::ExpireSessions(Clock::Steady now) {
  std::vector<LivePtr> orphans;
  std::vector<std::unique_ptr<Conversation>> conversations;  // destroyed without the mutex
  {
    const base::MutexLock lock(mutex_);
    std::vector<SessionPtr> over;
    for (const auto& [id, session] : sessions_) {
      const bool quiet = session->open && !session->busy && session->pending.empty();
      if (quiet && (session->idle_until <= now || session->ends_at <= now)) over.push_back(session);
    }
    for (const auto& session : over) CloseSession(session, orphans, conversations);
    Dispatch();
  }
  EndOrphans(orphans);
}

// A cancellation that came between two steps of a statement has met nothing that ran.
void ServiceImpl::CancelAgain() {
  const base::MutexLock lock(mutex_);
  for (const auto& [id, live] : live_) {
    if (live->cancel && !live->ended && live->running != nullptr) live->running->Cancel();
  }
}

// That a statement has begun is only news to other processes; short ones have ended before it is written.
void ServiceImpl::StoreStarted() {
  std::vector<Record> started;
  std::vector<std::pair<LivePtr, Record>> unwritten;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [id, live] : live_) {
      if (live->ended || live->stored == StatementState::kStarted ||
          live->record.facts.progress.state != StatementState::kStarted) {
        continue;
      }
      live->stored = StatementState::kStarted;
      started.push_back(live->record);
    }
    unwritten.swap(unwritten_);
  }
  for (auto& record : started) {
    writer_->Post(
        [record = std::move(record)](Store& store) -> Status {
          auto updated = store.Update(record);
          return updated.ok() ? Status() : Status(std::move(updated).TakeError());
        },
        nullptr);
  }
  for (auto& [live, record] : unwritten) PostEnd(live, std::move(record));
}

// Another process that was asked to cancel one of ours has written so.
void ServiceImpl::HearOthers() {
  std::vector<std::string> ids;
  {
    const base::MutexLock lock(read_mutex_);
    const auto version = reader_->DataVersion();
    if (!version.ok() || version.value() == heard_version_) return;
    heard_version_ = version.value();
    auto requests = reader_->CancelRequests(owner_.id());
    if (!requests.ok()) return;
    ids = std::move(requests).value();
  }
  for (const auto& id : ids) {
    std::string caller;
    {
      const base::MutexLock lock(mutex_);
      const auto live = live_.find(id);
      if (live == live_.end() || live->second->cancel) continue;
      caller = live->second->record.facts.caller;
    }
    if (const auto status = Cancel(caller, id); !status.ok()) {
      log::Debug("statement {} could not be cancelled: {}", id, status.error().message);
    }
  }
}

void ServiceImpl::RemoveOld() {
  const auto before = clock_.WallNow() - limits_.retention;
  while (true) {
    auto ended = std::make_shared<std::vector<Removed>>();
    const auto removed = writer_->Apply([ended, before](Store& store) -> Status {
      BERTH_ASSIGN(*ended, store.RemoveEndedBefore(before, kRemovedAtOnce));
      BERTH_TRY(store.RemoveSessionsClosedBefore(before));
      return store.RemoveEventsBefore(before - kEventsKept);
    });
    if (!removed.ok()) {
      log::Warn("old statements cannot be removed: {}", removed.error().message);
      break;
    }
    for (const auto& one : *ended) RemoveResults(one);
    if (ended->size() < kRemovedAtOnce) break;
  }
  const base::MutexLock lock(read_mutex_);
  if (const auto bytes = reader_->StoredBytes(); bytes.ok()) budget_.Set(bytes.value());
}

// Where there are files: a small result has gone with its row.
void ServiceImpl::RemoveResults(const Removed& removed) const {
  if (!removed.is_batch) {
    ::unlink(ResultPath(results_, removed.id).c_str());
    return;
  }
  for (std::size_t position = 1; position <= kSqlsMax; ++position)
    ::unlink(ResultPath(results_, removed.id, position).c_str());
}

// Files of statements that are not there any more, or never ended.
void ServiceImpl::RemoveStrayResults() {
  DIR* folder = ::opendir(results_.c_str());
  if (folder == nullptr) return;
  std::vector<std::string> names;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): our own stream
  while (const dirent* entry = ::readdir(folder)) names.emplace_back(entry->d_name);
  ::closedir(folder);
  const base::MutexLock lock(read_mutex_);
  for (const auto& name : names) {
    const auto id = ReadStatementId(std::string_view(name).substr(0, name.find('.')));
    if (!id) continue;
    const auto record = reader_->Find(id->base);
    if (record.ok() && !record.value()) ::unlink((results_ + "/" + name).c_str());
  }
}

// What has not begun is given up to whoever comes next; who waits for it here goes on to wait.
void ServiceImpl::Release(std::vector<std::string>& ids, std::vector<LivePtr>& orphans) {
  for (auto live = live_.begin(); live != live_.end();) {
    const bool waits = turns_.Remove(live->first);
    if (waits && live->second->session) orphans.push_back(live->second);  // nobody else has its session
    if (!waits || live->second->session) {
      ++live;
      continue;
    }
    const auto& facts = live->second->record.facts;
    for (auto& waiter : live->second->waiters) {
      remote_waiters_.push_back({.caller = facts.caller, .id = facts.id, .waiter = std::move(waiter)});
    }
    CountLive(facts, -1);
    ids.push_back(live->first);
    live = live_.erase(live);
  }
}

void ServiceImpl::Drain(Deadline deadline) {
  std::vector<std::string> released;
  std::vector<Unit> listings;
  std::vector<LivePtr> orphans;
  {
    const base::MutexLock lock(mutex_);
    draining_ = true;
    listings = turns_.TakeExpired(Clock::Steady::max());
    Release(released, orphans);
  }
  for (const auto& unit : listings) unit.expired();
  for (auto& id : released) {
    writer_->Post([id = std::move(id)](Store& store) { return store.SetOwner(id, kNoOwner); }, nullptr);
  }
  std::vector<std::unique_ptr<Conversation>> conversations;
  {
    base::MutexLock lock(mutex_);
    while (turns_.running() > 0 && !deadline.Passed(clock_)) clock_.WaitUntil(quiet_, lock.native(), deadline.time());
    for (const auto& [id, live] : live_) CancelLive(live, std::string(kStoppedWords));
    while (turns_.running() > 0) clock_.WaitUntil(quiet_, lock.native(), clock_.Now() + kTick);
    std::vector<SessionPtr> sessions;
    for (const auto& [id, session] : sessions_) sessions.push_back(session);
    for (const auto& session : sessions) CloseSession(session, orphans, conversations);
  }
  conversations.clear();
  EndOrphans(orphans);
}

}  // namespace berth::statements
