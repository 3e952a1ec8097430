#pragma once

#include <utility>

#include "berth/rows.h"
#include "engine/conversation.h"
#include "pool/pool.h"

namespace berth::engine {

// Rows that come from a session: tell their conversation when they are gone, and hold the lease where the session is
// not the conversation's own.
class SessionRows final : public RowSource {
 public:
  SessionRows(Outcome rows, pool::Lease lease, ConversationImpl& conversation)
      : lease_(std::move(lease)), rows_(std::move(rows)), conversation_(conversation) {}
  SessionRows(const SessionRows&) = delete;
  SessionRows& operator=(const SessionRows&) = delete;
  ~SessionRows() override {
    rows_.reset();
    conversation_.RowsEnded();  // from here on no Cancel() reaches the session, so it may go back
    lease_ = pool::Lease();
  }

  std::span<const Column> columns() const override { return rows_->columns(); }
  Result<std::optional<std::span<const Field>>> Next() override { return rows_->Next(); }
  const CommandTag& tag() const override { return rows_->tag(); }
  Result<bool> NextResult() override { return rows_->NextResult(); }

 private:
  pool::Lease lease_;
  Outcome rows_;
  ConversationImpl& conversation_;
};

}  // namespace berth::engine
