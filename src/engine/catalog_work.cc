#include "engine/catalog_work.h"

#include <fmt/core.h>

#include <utility>

#include "base/try.h"

namespace berth::engine {

void CatalogWork::Begin(std::chrono::milliseconds at_most) {
  Rollback();
  state_ = State::kOpen;
  at_most_ = at_most;
}

Result<catalog::Transaction*> CatalogWork::Use(const Shared& shared, Deadline deadline) {
  if (state_ == State::kOpen) RollBackIfExpired(shared.clock.Now());
  if (state_ == State::kFailed && expired_) {
    return Error{.code = ErrorCode::kFailedTransaction,
                 .message = fmt::format("the catalog transaction was rolled back: it was open for more than {} ms",
                                        at_most_.count()),
                 .hint =
                     "It holds up every other writer. ROLLBACK ends it; SET berth.catalog_transaction_timeout changes "
                     "the bound."};
  }
  if (state_ == State::kFailed) {
    return Error{.code = ErrorCode::kFailedTransaction,
                 .message = "the catalog transaction has failed: statements are refused until it ends",
                 .hint = "ROLLBACK ends it; none of its statements has had an effect."};
  }
  if (transaction_ == nullptr) {
    BERTH_ASSIGN(transaction_, shared.store.Begin(catalog::Access::kWrite, CatalogDeadline(shared, deadline)));
    expires_ = shared.clock.Now() + at_most_;
  }
  return transaction_.get();
}

void CatalogWork::Fail() {
  Rollback();
  state_ = State::kFailed;
}

Result<bool> CatalogWork::Commit() {
  if (state_ == State::kFailed) {
    Rollback();
    return false;
  }
  const auto transaction = std::move(transaction_);
  auto effects = std::move(after_commit_);
  Rollback();
  if (transaction != nullptr) BERTH_TRY(transaction->Commit());
  for (const auto& effect : effects) effect();
  return true;
}

void CatalogWork::Rollback() {
  transaction_.reset();
  after_commit_.clear();
  state_ = State::kNone;
  expired_ = false;
  expires_ = Clock::Steady::max();
}

void CatalogWork::RollBackIfExpired(Clock::Steady now) {
  if (transaction_ == nullptr || now < expires_) return;
  Fail();
  expired_ = true;
}

}  // namespace berth::engine
