#include <utility>

#include "base/log.h"
#include "base/try.h"
#include "statements/batch_runner.h"
#include "statements/error_words.h"
#include "statements/service_impl.h"
#include "statements/text_runner.h"

namespace berth::statements {
namespace {

// Between two attempts to get a session of a connection that others use to its cap.
constexpr std::chrono::milliseconds kAgainAfter{100};

// And not: no session came free, or nobody may have one now.
bool IsLoginFailure(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kUnavailable;
}

}  // namespace

// Moves what may run to the workers, and sees that there is a worker for each.
void ServiceImpl::Dispatch() {
  Wake(MoveReady(0));
}

std::size_t ServiceImpl::MoveReady(std::size_t own) {
  if (!draining_) {
    while (auto unit = turns_.Next()) ready_.push_back(*std::move(unit));
  }
  std::size_t wake = 0;
  while (woken_ + own < ready_.size()) {
    if (idle_ > woken_) {
      ++wake;
    } else if (workers_.size() < limits_.workers_max) {
      workers_.emplace_back([this] { Work(); });
    } else {
      break;  // the workers take them as they become free
    }
    ++woken_;
  }
  return wake;
}

void ServiceImpl::Wake(std::size_t workers) {
  for (; workers > 0; --workers) work_.notify_one();
}

void ServiceImpl::Work() {
  base::MutexLock lock(mutex_);
  if (woken_ > 0) --woken_;
  std::size_t wake = 0;
  while (true) {
    if (ready_.empty()) {
      if (stop_) return;
      ++idle_;
      clock_.WaitUntil(work_, lock.native(), Clock::Steady::max());
      --idle_;
      if (woken_ > 0) --woken_;
      continue;
    }
    const Unit unit = std::move(ready_.front());
    ready_.pop_front();
    lock.Unlock();
    Wake(std::exchange(wake, 0));
    const bool keeps_slot = unit.run();
    lock.Lock();
    turns_.Ended(unit, keeps_slot);
    wake = MoveReady(1);
    if (turns_.running() == 0) quiet_.notify_all();
  }
}

// From here on a crash leaves it in doubt: so it is written before anything is sent. False: it is not to run.
bool ServiceImpl::MarkPicked(const LivePtr& live) {
  Record record;
  {
    const base::MutexLock lock(mutex_);
    auto& progress = live->record.facts.progress;
    if (live->ended) return false;
    progress.state = StatementState::kPicked;
    progress.updated_at = clock_.WallNow();
    if (live->stored == StatementState::kPicked) return true;
    live->stored = StatementState::kPicked;
    record = live->record;
  }
  const auto written = writer_->Apply([&record](Store& store) -> Status {
    auto updated = store.Update(record);
    return updated.ok() ? Status() : Status(std::move(updated).TakeError());
  });
  if (written.ok()) return true;
  PostEnd(live, Failed(live, written.error()));
  return false;
}

bool ServiceImpl::RunStatement(const LivePtr& live) {
  bool session_lost = false;
  if (MarkPicked(live)) {
    const auto& session = live->session;  // constant since it was accepted
    std::unique_ptr<Conversation> own;
    auto& conversation = session ? session->conversation : own;
    Result<Record> end = [&]() -> Result<Record> {
      if (!conversation) {
        conversation = engine_.NewConversation();
        BERTH_TRY(Introduce(*conversation, live->record.facts.caller, live->record.facts.connection));
      }
      return RunOn(live, *conversation, session_lost);
    }();
    {
      const base::MutexLock lock(mutex_);
      live->running = nullptr;
    }
    own.reset();  // its session is free before anybody hears of the end
    // Cancelled before anything was sent, a kept session is as it was.
    if (!end.ok() && end.error().code != ErrorCode::kCancelled) session_lost = true;
    Record record = end.ok() ? std::move(end).value() : Failed(live, end.error());
    // Whoever hears of the end finds the session as it is then: free, or closed.
    const bool keeps_slot = session && SessionEnded(live, session_lost);
    PostEnd(live, std::move(record));
    return keeps_slot;
  }
  return live->session != nullptr && SessionEnded(live, session_lost);
}

Result<Record> ServiceImpl::RunOn(const LivePtr& live, Conversation& conversation, bool& session_lost) {
  Clock::Wall created{};
  {
    const base::MutexLock lock(mutex_);
    live->running = &conversation;
    created = live->record.facts.progress.created_at;
  }
  const auto left =
      limits_.statement_max - std::chrono::duration_cast<std::chrono::milliseconds>(clock_.WallNow() - created);
  const auto deadline = Deadline::After(clock_, std::chrono::duration_cast<std::chrono::milliseconds>(left));
  const bool was_held = conversation.state().session_open;
  const bool catalog = live->record.facts.connection == kCatalogTarget;
  SessionFacts facts;
  if (!catalog) {
    BERTH_ASSIGN(facts, ConnectCounted(live, conversation, deadline));
  }
  if (live->session) BERTH_TRY(SessionReady(live, facts, was_held));
  const auto begun = clock_.Now();
  Record record;
  {
    const base::MutexLock lock(mutex_);
    auto& own = live->record.facts;
    own.redshift_pid = facts.backend_pid;
    own.progress.state = StatementState::kStarted;
    own.progress.updated_at = clock_.WallNow();
    record = live->record;
  }
  TextRunner texts({.conversation = conversation,
                    .clock = clock_,
                    .limits = {.bytes_max = limits_.result_bytes_max, .row_bytes_max = limits_.row_bytes_max},
                    .budget = budget_,
                    .deadline = deadline,
                    .redshift = facts.redshift,
                    .catalog = catalog,
                    .cancelled = [this, &live] { return IsCancelled(live); }});
  const RecordRunner runner{.texts = texts,
                            .clock = clock_,
                            .results_folder = results_,
                            .progress = [this, &live](const Record& now) { Progressed(live, now); },
                            .cancelled = [this, &live] { return IsCancelled(live); }};
  record = runner.Run(std::move(record), session_lost);
  auto& progress = record.facts.progress;
  progress.updated_at = clock_.WallNow();
  const std::chrono::nanoseconds took = clock_.Now() - begun;
  progress.duration_ns = took.count();
  const base::MutexLock lock(mutex_);
  run_time_ += took;
  if (progress.state == StatementState::kAborted) progress.error = live->cancel_words;
  return record;
}

Status ServiceImpl::Introduce(Conversation& conversation, const std::string& caller, const std::string& connection) {
  conversation.Serve({.name = caller, .known = options_.callers_known});
  return connection == kCatalogTarget ? Status() : conversation.Use(connection);
}

// Others may use the connection to its cap for longer than a session waits for its turn there; a statement has a day.
// Connect(), in the numbers of the service.
Result<SessionFacts> ServiceImpl::ConnectCounted(const LivePtr& live, Conversation& conversation, Deadline deadline) {
  const auto asked = clock_.Now();
  auto connected = Connect(live, conversation, deadline);
  const base::MutexLock lock(mutex_);
  acquire_time_ += clock_.Now() - asked;
  if (connected.ok()) {
    ++acquires_;
  } else if (connected.error().code != ErrorCode::kCancelled) {
    ++acquire_failures_;
    if (IsLoginFailure(connected.error().code)) ++login_failures_;
  }
  return connected;
}

Result<SessionFacts> ServiceImpl::Connect(const LivePtr& live, Conversation& conversation, Deadline deadline) {
  while (true) {
    if (IsCancelled(live)) return Error{.code = ErrorCode::kCancelled, .message = "cancelled"};
    auto facts = conversation.Connect(deadline);
    if (facts.ok() || facts.error().code != ErrorCode::kResourceExhausted || deadline.Passed(clock_)) return facts;
    base::MutexLock lock(mutex_);
    clock_.WaitUntil(quiet_, lock.native(), clock_.Now() + kAgainAfter);
  }
}

bool ServiceImpl::IsCancelled(const LivePtr& live) {
  const base::MutexLock lock(mutex_);
  return live->cancel;
}

void ServiceImpl::Progressed(const LivePtr& live, const Record& record) {
  std::vector<Waiter> over;
  {
    const base::MutexLock lock(mutex_);
    auto facts = record.facts;
    facts.progress.state = StatementState::kStarted;  // the whole has not ended
    facts.progress.error.clear();
    live->record.facts = std::move(facts);
    for (auto waiter = live->waiters.begin(); waiter != live->waiters.end();) {
      if (!waiter->of || !IsOver(live->record.facts, waiter->of)) {
        ++waiter;
        continue;
      }
      over.push_back(std::move(*waiter));
      waiter = live->waiters.erase(waiter);
    }
  }
  for (const auto& waiter : over) waiter.done(Narrowed(record.facts, waiter.of));
}

Record ServiceImpl::Failed(const LivePtr& live, const Error& error) {
  const base::MutexLock lock(mutex_);
  const bool cancelled = live->cancel && error.code == ErrorCode::kCancelled;
  return NotRun(live->record, cancelled ? StatementState::kAborted : StatementState::kFailed,
                cancelled ? live->cancel_words : CutWords(WordError(error, {}, {})));
}

}  // namespace berth::statements
