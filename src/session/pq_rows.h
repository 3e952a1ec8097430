#pragma once

#include <cstdint>
#include <vector>

#include "berth/rows.h"
#include "session/pq_session.h"

namespace berth::session {

// The results of one statement as libpq hands them out, a row at a time.
class LibpqRows final : public RowSource {
 public:
  // For the statement that `session` has just sent.
  explicit LibpqRows(LibpqSession& session) : session_(session), run_(session.run_number()) {}
  ~LibpqRows() override { session_.Abandon(run_); }

  std::span<const Column> columns() const override { return columns_; }
  Result<std::optional<std::span<const Field>>> Next() override;
  const CommandTag& tag() const override { return tag_; }
  Result<bool> NextResult() override;

 private:
  void TakeColumns();
  void TakeTag();
  std::span<const Field> TakeRow();

  LibpqSession& session_;
  const std::uint64_t run_;
  PqResult result_;
  bool fresh_ = false;  // result_ is a row that was not handed out yet
  bool over_ = true;    // the current result has no more rows
  std::vector<Column> columns_;
  std::vector<Field> fields_;
  CommandTag tag_;
};

}  // namespace berth::session
