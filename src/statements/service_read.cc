#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "statements/batch_runner.h"
#include "statements/error_words.h"
#include "statements/page_token.h"
#include "statements/result_file.h"
#include "statements/service_impl.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

Result<StatementId> ReadId(std::string_view text) {
  if (auto id = ReadStatementId(text)) return *std::move(id);
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = R"(id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$)"};
}

Error NoResult() {
  return Error{.code = ErrorCode::kNotFound,
               .message = "Query does not have result. Please check query status with DescribeStatement."};
}

std::string_view FormatName(ResultFormat format) {
  return format == ResultFormat::kCsv ? "CSV" : "JSON";
}

}  // namespace

Error NoSuchStatement() {
  return Error{.code = ErrorCode::kNotFound, .message = "Query does not exist."};
}

Result<Record> ServiceImpl::Find(std::string_view caller, std::string_view base_id) {
  {
    const base::MutexLock lock(mutex_);
    const auto live = live_.find(base_id);
    if (live != live_.end()) {
      if (live->second->record.facts.caller != caller) return NoSuchStatement();
      return live->second->record;
    }
    const auto ended = ended_.find(base_id);
    if (ended != ended_.end() && ended->second->facts.progress.updated_at > clock_.WallNow() - limits_.retention) {
      if (ended->second->facts.caller != caller) return NoSuchStatement();
      return *ended->second;
    }
  }
  const base::MutexLock lock(read_mutex_);
  BERTH_ASSIGN(auto record, reader_->Find(base_id));
  if (!record || record->facts.caller != caller) return NoSuchStatement();
  return *std::move(record);
}

// The whole, with only that one of its statements.
Result<StatementFacts> ServiceImpl::Narrowed(StatementFacts facts, std::optional<std::size_t> of) {
  if (!of) return facts;
  if (*of < 1 || *of > facts.sub_statements.size()) return NoSuchStatement();
  facts.sub_statements = {facts.sub_statements[*of - 1]};
  return facts;
}

bool ServiceImpl::IsOver(const StatementFacts& facts, std::optional<std::size_t> of) {
  if (IsFinal(facts.progress.state)) return true;
  return of && *of >= 1 && *of <= facts.sub_statements.size() &&
         IsFinal(facts.sub_statements[*of - 1].progress.state) &&
         facts.execution_mode == ExecutionMode::kAutoCommit;  // else a later one may still undo it
}

Result<StatementFacts> ServiceImpl::Describe(std::string_view caller, std::string_view id) {
  BERTH_ASSIGN(const auto parsed, ReadId(id));
  BERTH_ASSIGN(auto record, Find(caller, parsed.base));
  return Narrowed(std::move(record.facts), parsed.of);
}

void ServiceImpl::Wait(std::string_view caller, std::string_view id, Deadline deadline, Done<StatementFacts> done) {
  auto parsed = ReadId(id);
  if (!parsed.ok()) return done(std::move(parsed).TakeError());
  const auto& [base_id, of] = parsed.value();
  {
    base::MutexLock lock(mutex_);
    const auto live = live_.find(base_id);
    if (live != live_.end() && live->second->record.facts.caller == caller && !IsOver(live->second->record.facts, of)) {
      auto& waiters = live->second->waiters;
      const bool known = !of || (*of >= 1 && *of <= live->second->record.facts.sub_statements.size());
      if (known && !stop_ && waiters.size() < limits_.waiters_max) {
        waiters.push_back({.of = of, .deadline = deadline, .done = std::move(done)});
        return;
      }
      lock.Unlock();
      if (!known) return done(NoSuchStatement());
      return done(
          Error{.code = ErrorCode::kTooManyWaiters,
                .message = fmt::format("{} requests wait for this statement, which is the limit of this service.",
                                       limits_.waiters_max)});
    }
  }
  auto facts = Describe(caller, id);
  if (!facts.ok() || IsFinal(facts.value().progress.state)) return done(std::move(facts));
  const base::MutexLock lock(mutex_);
  remote_waiters_.push_back({.caller = std::string(caller),
                             .id = std::string(id),
                             .waiter = {.of = of, .deadline = deadline, .done = std::move(done)}});
}

Status ServiceImpl::Cancel(std::string_view caller, std::string_view id) {
  BERTH_ASSIGN(const auto parsed, ReadId(id));
  LivePtr waiting;
  bool had_turn = false;
  {
    const base::MutexLock lock(mutex_);
    const auto found = live_.find(parsed.base);
    if (found != live_.end()) {
      const LivePtr live = found->second;
      if (live->record.facts.caller != caller) return NoSuchStatement();
      if (live->ended) return {};  // it ends already
      CancelLive(live, std::string(kCancelledWords));
      had_turn = turns_.Remove(parsed.base);
      bool waits = had_turn;
      if (live->session && !waits) {
        auto& pending = live->session->pending;
        const auto place = std::find(pending.begin(), pending.end(), live);
        if (place != pending.end()) {
          pending.erase(place);
          waits = true;
        }
      }
      if (!waits) return {};
      waiting = live;
    }
  }
  if (waiting) {
    PostEnd(waiting, Failed(waiting, Error{.code = ErrorCode::kCancelled}));
    if (waiting->session && had_turn) {
      SessionEnded(waiting, false);
      const base::MutexLock lock(mutex_);
      Dispatch();
    }
    return {};
  }
  BERTH_ASSIGN(const auto record, Find(caller, parsed.base));
  const auto state = record.facts.progress.state;
  if (IsFinal(state)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("Could not cancel a query that is already in {} state with ID: {}",
                                        StateName(state), id)};
  }
  return writer_->Apply([&](Store& store) { return store.RequestCancel(parsed.base); });
}

void ServiceImpl::CancelLive(const LivePtr& live, const std::string& words) {
  if (live->cancel) return;
  live->cancel = true;
  live->cancel_words = words;
  if (live->running != nullptr) live->running->Cancel();
}

Result<StatementPage> ServiceImpl::List(const ListRequest& request) {
  constexpr std::string_view kToken = "statements";
  std::int64_t before = INT64_MAX;
  if (!request.next_token.empty()) {
    BERTH_ASSIGN(before, ReadNumberToken(request.next_token, kToken));
  }
  const auto limit = request.max_results == 0 ? kListPageMax : std::min(request.max_results, kListPageMax);
  std::vector<Record> records;
  {
    const base::MutexLock lock(read_mutex_);
    BERTH_ASSIGN(records, reader_->List(request, before, limit + 1));
  }
  StatementPage page;
  if (records.size() > limit) {
    records.resize(limit);
    page.next_token = WriteToken({.of = std::string(kToken), .after = {std::to_string(records.back().number)}});
  }
  const base::MutexLock lock(mutex_);
  for (auto& record : records) {
    // How far a statement of ours has come, the store hears later than we do.
    if (const auto live = live_.find(record.facts.id); live != live_.end()) record.facts = live->second->record.facts;
    if (request.state && record.facts.progress.state != *request.state) continue;
    record.facts.sub_statements.clear();
    page.statements.push_back(std::move(record.facts));
  }
  return page;
}

Result<ResultPage> ServiceImpl::Page(std::string_view caller, std::string_view id, std::string_view next_token,
                                     ResultFormat format) {
  BERTH_ASSIGN(const auto parsed, ReadId(id));
  BERTH_ASSIGN(const auto record, Find(caller, parsed.base));
  BERTH_ASSIGN(const auto facts, Narrowed(record.facts, parsed.of));
  if (facts.is_batch && !parsed.of) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "BatchExecuteStatement result can only be retrieved with sub-statement id."};
  }
  const auto& progress = parsed.of ? facts.sub_statements.front().progress : facts.progress;
  const bool undecided = parsed.of && !IsOver(record.facts, parsed.of);
  if (progress.state != StatementState::kFinished || !progress.has_result_set || undecided) return NoResult();
  if (format != facts.result_format) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("The result of this statement is {}: get it with {}.", FormatName(facts.result_format),
                               format == ResultFormat::kJson ? "GetStatementResultV2" : "GetStatementResult")};
  }
  const auto of = fmt::format("result {}", id);
  std::int64_t number = 0;
  if (!next_token.empty()) {
    BERTH_ASSIGN(number, ReadNumberToken(next_token, of));
  }
  auto read = [&, page = static_cast<std::size_t>(number)] {
    if (progress.small_result != nullptr) return ReadSmallResult(*progress.small_result, id, page);
    return ReadResultPage(parsed.of ? ResultPath(results_, parsed.base, *parsed.of) : ResultPath(results_, parsed.base),
                          page, verified_);
  }();
  if (!read.ok() && read.error().code == ErrorCode::kNotFound) return NoResult();
  if (!read.ok()) return std::move(read).TakeError();
  auto& [found, file, text] = read.value();
  ResultPage page{.format = found.format,
                  .file = std::move(file),
                  .records = std::move(text),
                  .column_metadata = std::move(found.column_metadata),
                  .total_rows = found.rows,
                  .next_token = std::nullopt};
  if (static_cast<std::size_t>(number) + 1 < found.pages) {
    page.next_token = WriteToken({.of = of, .after = {std::to_string(number + 1)}});
  }
  return page;
}

void ServiceImpl::LookAhead(std::string_view caller, std::string_view id, std::string_view next_token,
                            ResultFormat format) {
  const auto page = Page(caller, id, next_token, format);
  if (page.ok() && page.value().file) verified_.Add(*page.value().file);
}

Result<std::vector<StatementEvent>> ServiceImpl::DueEvents(std::size_t limit) {
  const base::MutexLock lock(read_mutex_);
  return reader_->DueEvents(clock_.WallNow(), limit);
}

Status ServiceImpl::EventTold(std::int64_t number) {
  return writer_->Apply([number](Store& store) { return store.RemoveEvent(number); });
}

Status ServiceImpl::EventFailed(std::int64_t number, Clock::Wall again_at) {
  return writer_->Apply([number, again_at](Store& store) { return store.PutOffEvent(number, again_at); });
}

ServiceStats ServiceImpl::Stats() {
  ServiceStats stats;
  {
    const base::MutexLock lock(read_mutex_);
    if (const auto events = reader_->CountEvents(); events.ok()) stats.events_due = events.value();
  }
  stats.result_bytes = budget_.used();
  const base::MutexLock lock(mutex_);
  const auto now = clock_.WallNow();
  for (const auto& [id, live] : live_) {
    const auto& progress = live->record.facts.progress;
    stats.waiters += live->waiters.size();
    stats.picked += progress.state == StatementState::kPicked ? 1 : 0;
    stats.started += progress.state == StatementState::kStarted ? 1 : 0;
    if (progress.state != StatementState::kSubmitted) continue;
    ++stats.submitted;
    stats.oldest_submitted = std::max(stats.oldest_submitted,
                                      std::chrono::duration_cast<std::chrono::milliseconds>(now - progress.created_at));
  }
  stats.waiters += remote_waiters_.size();
  stats.sessions = sessions_.size();
  stats.acquires = acquires_;
  stats.acquire_failures = acquire_failures_;
  stats.login_failures = login_failures_;
  stats.acquire_time = acquire_time_;
  stats.run_time = run_time_;
  stats.finished = finished_;
  stats.aborted = aborted_;
  stats.failed = failed_;
  return stats;
}

}  // namespace berth::statements
