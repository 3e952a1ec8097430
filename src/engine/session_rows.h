#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
