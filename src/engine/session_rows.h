#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "berth/deadline.h"
#include "berth/rows.h"
#include "engine/conversation.h"
#include "engine/load_errors.h"
#include "engine/memory_rows.h"
#include "engine/statement_limit.h"
#include "pool/pool.h"
#include "session/session.h"

namespace berth::engine {

// Rows that come from a session: tell their conversation when they are gone, and hold the lease where the session is
// not the conversation's own.
class SessionRows final : public RowSource {
 public:
  SessionRows(Outcome rows, pool::Lease lease, session::Session& session, ConversationImpl& conversation,
              const Clock& clock, StatementLimit limit)
      : lease_(std::move(lease)),
        rows_(std::move(rows)),
        session_(session),
        conversation_(conversation),
        clock_(clock),
        limit_(std::move(limit)) {}
  SessionRows(const SessionRows&) = delete;
  SessionRows& operator=(const SessionRows&) = delete;
  ~SessionRows() override {
    rows_.reset();
    conversation_.RowsEnded();  // from here on no Cancel() reaches the session, so it may go back
    lease_ = pool::Lease();
  }

  std::span<const Column> columns() const override { return rows_->columns(); }
  Result<std::optional<std::span<const Field>>> Next() override {
    auto row = rows_->Next();
    if (row.ok()) return row;
    return limit_.Explain(std::move(row).TakeError(), clock_);
  }
  const CommandTag& tag() const override { return rows_->tag(); }
  Result<bool> NextResult() override {
    auto more = rows_->NextResult();
    if (more.ok()) return more;
    rows_ = Command(rows_->tag().text);  // the session's own are over, and it may be asked something
    return limit_.Explain(WithLoadErrors(std::move(more).TakeError(), session_, clock_, limit_.deadline), clock_);
  }

 private:
  pool::Lease lease_;
  Outcome rows_;
  session::Session& session_;  // the lease's or the conversation's
  ConversationImpl& conversation_;
  const Clock& clock_;
  const StatementLimit limit_;
};

// Rows of a text that stands within a longer one: the server's positions, which count in the former, are told in the
// latter.
class RowsWithin final : public RowSource {
 public:
  RowsWithin(Outcome rows, std::uint32_t offset) : rows_(std::move(rows)), offset_(offset) {}

  static Error Shifted(Error error, std::uint32_t offset) {
    if (error.span && error.code == ErrorCode::kServer) error.span->offset += offset;
    return error;
  }

  std::span<const Column> columns() const override { return rows_->columns(); }
  Result<std::optional<std::span<const Field>>> Next() override { return Shifted(rows_->Next()); }
  const CommandTag& tag() const override { return rows_->tag(); }
  Result<bool> NextResult() override { return Shifted(rows_->NextResult()); }

 private:
  template <class T>
  Result<T> Shifted(Result<T> result) const {
    if (result.ok()) return result;
    return Shifted(std::move(result).TakeError(), offset_);
  }

  Outcome rows_;
  const std::uint32_t offset_;
};

}  // namespace berth::engine
