#include "statements/batch_runner.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "statements/error_words.h"

namespace berth::statements {

std::string ResultPath(const std::string& folder, std::string_view id) {
  return fmt::format("{}/{}", folder, id);
}
std::string ResultPath(const std::string& folder, std::string_view id, std::size_t position) {
  return fmt::format("{}/{}.{}", folder, id, position);
}

namespace {

void Take(Progress& progress, const TextEnd& end) {
  progress.state = end.state;
  progress.result_rows = end.rows;
  progress.result_size = end.size;
  progress.redshift_query_id = end.query_id;
  progress.has_result_set = end.has_result_set;
  progress.error = end.error;
  progress.small_result = end.small_result;
}

// The parameters that stand in a text: of a batch each may use some.
std::vector<SqlParameter> UsedIn(const std::string& sql, const std::vector<SqlParameter>& parameters) {
  std::vector<SqlParameter> used;
  for (const auto& parameter : parameters) {
    if (sql.find(":" + parameter.name) != std::string::npos) used.push_back(parameter);
  }
  return used;
}

std::int64_t Nanoseconds(Clock::Steady::duration duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

}  // namespace

Record RecordRunner::Run(Record record, bool& session_lost) const {
  auto& facts = record.facts;
  if (facts.is_batch) {
    RunBatch(record, session_lost);
    return record;
  }
  const auto end =
      texts.Run(facts.sqls.front(), facts.parameters, facts.result_format, ResultPath(results_folder, facts.id));
  Take(facts.progress, end);
  record.stored_bytes = end.stored_bytes;
  session_lost = session_lost || end.session_lost;
  return record;
}

void RecordRunner::RunBatch(Record& record, bool& session_lost) const {
  auto& facts = record.facts;
  facts.progress.state = StatementState::kFinished;
  if (facts.execution_mode == ExecutionMode::kTransaction) {
    Transaction(record, session_lost);
  } else {
    for (std::size_t i = 0; i < facts.sub_statements.size(); ++i) {
      if (cancelled()) {
        facts.progress.state = StatementState::kAborted;
        facts.progress.error = kCancelledWords;
        Abort(record, std::string(kCancelledWords), false);
        break;
      }
      RunOne(record, i, session_lost);
    }
  }
  Sum(record);
}

void RecordRunner::Transaction(Record& record, bool& session_lost) const {
  auto& facts = record.facts;
  const auto fail = [&](std::string words, const std::string& why) {
    if (facts.progress.state == StatementState::kFinished) facts.progress.state = StatementState::kFailed;
    if (facts.progress.error.empty()) facts.progress.error = std::move(words);
    Abort(record, why, true);
    // Whatever it answers: the session is given back with its transaction ended, or is closed.
    static_cast<void>(texts.Command("ROLLBACK").ok());
  };
  if (const auto begun = texts.Command("BEGIN"); !begun.ok()) {
    const auto words = WordError(begun.error(), {}, {});
    return fail(words, words);
  }
  for (std::size_t i = 0; i < facts.sub_statements.size(); ++i) {
    if (cancelled()) {
      facts.progress.state = StatementState::kAborted;
      return fail(std::string(kCancelledWords), std::string(kCancelledWords));
    }
    RunOne(record, i, session_lost);
    if (facts.progress.state != StatementState::kFinished) {
      return fail({}, fmt::format("ERROR: statement {} of the batch failed: the transaction was rolled back", i + 1));
    }
  }
  const auto committed = texts.Command("COMMIT");
  if (committed.ok()) return;
  session_lost = session_lost || committed.error().code == ErrorCode::kSessionLost;
  const auto words = WordError(committed.error(), {}, {});
  fail(words, words);
}

void RecordRunner::RunOne(Record& record, std::size_t at, bool& session_lost) const {
  auto& facts = record.facts;
  auto& sub = facts.sub_statements[at];
  const auto begun = clock.Now();
  sub.progress.state = StatementState::kStarted;
  sub.progress.updated_at = clock.WallNow();
  progress(record);
  const auto end = texts.Run(sub.sql, UsedIn(sub.sql, facts.parameters), facts.result_format,
                             ResultPath(results_folder, facts.id, at + 1));
  Take(sub.progress, end);
  sub.progress.duration_ns = Nanoseconds(clock.Now() - begun);
  sub.progress.updated_at = clock.WallNow();
  record.stored_bytes += end.stored_bytes;
  session_lost = session_lost || end.session_lost;
  if (end.state != StatementState::kFinished) {
    // The first failure is the batch's; a cancelled one is not a failure.
    if (facts.progress.state == StatementState::kFinished) {
      facts.progress.state = end.state;
      facts.progress.error =
          CutWords(end.state == StatementState::kAborted ? std::string(kCancelledWords)
                                                         : fmt::format("Query #{} failed: {}", at + 1, end.error));
    }
  }
  progress(record);
}

void RecordRunner::Abort(Record& record, const std::string& why, bool rolled_back) const {
  std::size_t position = 0;
  for (auto& sub : record.facts.sub_statements) {
    ++position;
    const bool ran = sub.progress.state == StatementState::kFinished;
    if (IsFinal(sub.progress.state) && !(ran && rolled_back)) continue;
    if (ran && sub.progress.has_result_set && sub.progress.small_result == nullptr) {
      ::unlink(ResultPath(results_folder, record.facts.id, position).c_str());
    }
    const auto duration = sub.progress.duration_ns;
    sub.progress = Progress{.state = StatementState::kAborted,
                            .created_at = sub.progress.created_at,
                            .updated_at = clock.WallNow(),
                            .duration_ns = duration,
                            .error = why};
  }
}

void RecordRunner::Sum(Record& record) {
  auto& whole = record.facts.progress;
  whole.redshift_query_id = 0;  // as the service has it of a batch
  whole.has_result_set = false;
  whole.result_rows = whole.result_size = 0;
  for (const auto& sub : record.facts.sub_statements) {
    whole.has_result_set = whole.has_result_set || sub.progress.has_result_set;
    whole.result_rows += std::max<std::int64_t>(0, sub.progress.result_rows);
    whole.result_size += std::max<std::int64_t>(0, sub.progress.result_size);
  }
}

}  // namespace berth::statements
