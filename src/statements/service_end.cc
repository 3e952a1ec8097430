#include <utility>

#include "base/log.h"
#include "base/try.h"
#include "statements/service_impl.h"

namespace berth::statements {
namespace {

constexpr std::size_t kEndedMax = 256;           // records of ended statements in memory
constexpr std::size_t kEndedTextMax = 4 * 1024;  // bytes of texts of one of them

StatementEvent EventOf(const Record& record, std::chrono::seconds retention) {
  const auto& facts = record.facts;
  return {.statement_id = facts.id,
          .statement_name = facts.statement_name,
          .caller = facts.caller,
          .connection = facts.connection,
          .target = facts.target,
          .state = facts.progress.state,
          .rows = facts.progress.result_rows,
          .redshift_query_id = facts.progress.redshift_query_id,
          .at = facts.progress.updated_at,
          .expires_at = facts.progress.updated_at + retention};
}

}  // namespace

Status WriteEnd(Store& store, const Record& record, std::chrono::seconds retention) {
  BERTH_ASSIGN(const bool fresh, store.Update(record));
  if (fresh && record.facts.with_event) return store.AddEvent(EventOf(record, retention));
  return {};
}

// Of a statement of which nothing was sent.
Record ServiceImpl::NotRun(Record record, StatementState state, const std::string& words) const {
  const auto now = clock_.WallNow();
  auto& progress = record.facts.progress;
  progress.state = state;
  progress.updated_at = now;
  progress.error = words;
  for (auto& sub : record.facts.sub_statements) {
    if (IsFinal(sub.progress.state)) continue;
    sub.progress.state = StatementState::kAborted;
    sub.progress.updated_at = now;
    sub.progress.error = words;
  }
  return record;
}

// Nobody hears of an end before it is written.
void ServiceImpl::PostEnd(const LivePtr& live, Record record) {
  {
    const base::MutexLock lock(mutex_);
    live->ended = true;
    live->running = nullptr;
  }
  const auto ended = std::make_shared<const Record>(std::move(record));
  writer_->PostNow([this, ended](Store& store) { return WriteEnd(store, *ended, limits_.retention); },
                   [this, live, ended](const Status& status) {
                     if (status.ok()) return Publish(live, ended);
                     log::Error("the end of statement {} cannot be written yet: {}", ended->facts.id,
                                status.error().message);
                     const base::MutexLock lock(mutex_);
                     unwritten_.emplace_back(live, *ended);
                   });
}

void ServiceImpl::KeepEnded(const std::shared_ptr<const Record>& record) {
  const auto& facts = record->facts;
  std::size_t bytes = 0;
  for (const auto& sql : facts.sqls) bytes += sql.size();
  if (bytes > kEndedTextMax || !ended_.emplace(facts.id, record).second) return;
  ended_ids_.push_back(facts.id);
  if (ended_ids_.size() <= kEndedMax) return;
  ended_.erase(ended_ids_.front());
  ended_ids_.pop_front();
}

void ServiceImpl::Publish(const LivePtr& live, const std::shared_ptr<const Record>& record) {
  std::vector<Waiter> waiters;
  const auto& facts = record->facts;
  {
    const base::MutexLock lock(mutex_);
    KeepEnded(record);
    live->record.facts.progress = facts.progress;
    live->record.facts.sub_statements = facts.sub_statements;
    waiters.swap(live->waiters);
    if (live_.erase(facts.id) > 0) {
      CountLive(facts, -1);
    }
    finished_ += facts.progress.state == StatementState::kFinished ? 1 : 0;
    aborted_ += facts.progress.state == StatementState::kAborted ? 1 : 0;
    failed_ += facts.progress.state == StatementState::kFailed ? 1 : 0;
  }
  for (const auto& waiter : waiters) waiter.done(Narrowed(facts, waiter.of));
}

}  // namespace berth::statements
