#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "engine/shared.h"

namespace berth::engine {

// BEGIN .. COMMIT over catalog statements. It holds the catalog's only write lock from its first statement on, so it
// has a bound: when that has passed, the watch rolls it back and the next statement hears of it. One thread at a time
// (its Conversation's mutex).
class CatalogWork {
 public:
  enum class State : std::uint8_t { kNone, kOpen, kFailed };

  State state() const { return state_; }
  bool begun() const { return transaction_ != nullptr; }  // it holds the write lock
  void Begin(std::chrono::milliseconds at_most);
  // The open unit of work; takes the write lock at the first call. Errors: kFailedTransaction after a failed statement
  // or when the bound has passed.
  Result<catalog::Transaction*> Use(const Shared& shared, Deadline deadline);
  std::vector<std::function<void()>>& after_commit() { return after_commit_; }
  void Fail();  // a statement in it failed: rolled back, and refused until ROLLBACK
  // Ends it. False: it had failed and was rolled back instead. An error of the catalog also ends it.
  Result<bool> Commit();
  void Rollback();
  void RollBackIfExpired(Clock::Steady now);

 private:
  State state_ = State::kNone;
  bool expired_ = false;
  std::chrono::milliseconds at_most_{0};
  Clock::Steady expires_ = Clock::Steady::max();
  std::unique_ptr<catalog::Transaction> transaction_;
  std::vector<std::function<void()>> after_commit_;
};

}  // namespace berth::engine
