#include "engine/job_body.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.h"
#include "engine/ask_server.h"
#include "engine/job_texts.h"
#include "engine/load_errors.h"
#include "engine/sql_texts.h"
#include "engine/statement_limit.h"

namespace berth::engine {
namespace {

// Commands whose count is of rows that were written.
bool Writes(std::string_view tag) {
  constexpr std::array<std::string_view, 5> kWriting = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"};
  return std::any_of(kWriting.begin(), kWriting.end(), [&](auto word) { return tag.starts_with(word); });
}

class Body {
 public:
  Body(const catalog::Connection& connection, session::Session& session, const Clock& clock, Deadline deadline)
      : connection_(connection), session_(session), clock_(clock), deadline_(deadline) {}

  Status Run(const catalog::Job& job, const StepSink& steps) {
    BERTH_ASSIGN(const auto statements, StatementsOf(job, connection_.name, session_.backslash_escapes()));
    const bool whole = job.script && !job.plan.auto_commit;
    if (whole) BERTH_TRY(Send("BEGIN"));
    for (std::size_t done = 0; done < statements.size(); ++done) {
      if (steps) steps(done, statements.size());
      BERTH_TRY(RunOne(statements[done]));
    }
    if (whole) BERTH_TRY(Send("COMMIT"));
    if (session_.state() == session::SessionState::kIdle) return {};
    return Error{.code = ErrorCode::kActiveTransaction,
                 .message = "the script has left a transaction open, which is rolled back",
                 .hint = "It needs a COMMIT at its end."};
  }

  std::optional<std::int64_t> rows() const { return rows_; }

 private:
  Status RunOne(const std::string& statement) {
    BERTH_ASSIGN(const auto mapped, ReadMappedInsert(statement, session_.backslash_escapes()));
    if (!mapped) return Send(statement);
    BERTH_ASSIGN(const auto columns, ColumnsOf(*mapped));
    BERTH_ASSIGN(const auto insert, InsertByName(*mapped, columns));
    return Send(insert);
  }

  Result<std::vector<std::string>> ColumnsOf(const MappedInsert& insert) {
    const auto limit = StatementLimit::Of(connection_, clock_, deadline_);
    auto rows = session_.Execute(ColumnsQuery(insert), {}, limit.deadline);
    if (!rows.ok()) return limit.Explain(std::move(rows).TakeError(), clock_);
    std::vector<std::string> columns;
    for (const auto& column : rows.value()->columns()) columns.push_back(column.name);
    return columns;
  }

  Status Send(std::string_view text) {
    const auto limit = StatementLimit::Of(connection_, clock_, deadline_);
    auto done = ReadAll(text, limit.deadline);
    if (done.ok()) {
      CountBulk(limit.deadline);
      return {};
    }
    return limit.Explain(WithLoadErrors(std::move(done).TakeError(), session_, clock_, limit.deadline), clock_);
  }

  Status ReadAll(std::string_view text, Deadline deadline) {
    BERTH_ASSIGN(const auto result, session_.Execute(text, {}, deadline));
    for (bool more = true; more;) {
      for (bool row = true; row;) {
        BERTH_ASSIGN(const auto fields, result->Next());
        row = fields.has_value();
      }
      const auto& tag = result->tag();
      tag_ = tag.text;
      if (tag.rows && Writes(tag.text)) rows_ = rows_.value_or(0) + *tag.rows;
      BERTH_ASSIGN(more, result->NextResult());
    }
    return {};
  }

  // Redshift tells of COPY and UNLOAD how many rows only when it is asked. What it does not tell is not counted.
  void CountBulk(Deadline deadline) {
    if (!session_.server().redshift || (tag_ != "COPY" && tag_ != "UNLOAD")) return;
    const auto* const file = tag_ == "COPY" ? "last_copy_count.sql" : "last_unload_count.sql";
    if (const auto count = AskNumber(session_, SqlText(file), deadline)) rows_ = rows_.value_or(0) + *count;
  }

  const catalog::Connection& connection_;
  session::Session& session_;
  const Clock& clock_;
  const Deadline deadline_;
  std::string tag_;  // of the last result
  std::optional<std::int64_t> rows_;
};

}  // namespace

BodyEnd RunBody(const catalog::Job& job, const catalog::Connection& connection, session::Session& session,
                const Clock& clock, const StepSink& steps, Deadline deadline) {
  Body body(connection, session, clock, deadline);
  auto status = body.Run(job, steps);
  if (status.ok()) return {.rows = body.rows(), .error = std::nullopt};
  // What was committed before the error stays.
  const bool stays = job.plan.auto_commit && session.state() == session::SessionState::kIdle;
  return {.rows = stays ? body.rows() : std::nullopt, .error = std::move(status).TakeError()};
}

}  // namespace berth::engine
