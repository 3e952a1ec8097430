#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "statements/statement_service.h"

namespace berth::statements {

// What a callback brings, waited for.
template <class T>
class Answer {
 public:
  std::function<void(Result<T>)> Done() {
    return [state = state_](Result<T> result) {
      const std::lock_guard lock(state->mutex);
      state->result.emplace(std::move(result));
      ++state->calls;
      state->changed.notify_all();
    };
  }
  Result<T> Await() {
    std::unique_lock lock(state_->mutex);
    REQUIRE(state_->changed.wait_for(lock, std::chrono::seconds(30), [this] { return state_->result.has_value(); }));
    CHECK(state_->calls == 1);
    return std::move(*state_->result);
  }
  bool there() const {
    const std::lock_guard lock(state_->mutex);
    return state_->result.has_value();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<T>> result;
    int calls = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

inline SubmitRequest RequestOf(std::string sql, std::string caller = "ann") {
  return {.caller = std::move(caller), .connection = "wh", .target = {.database = "dev"}, .sqls = {std::move(sql)}};
}
inline SubmitRequest BatchOf(std::vector<std::string> sqls, ExecutionMode mode = ExecutionMode::kTransaction) {
  return {.caller = "ann", .connection = "wh", .sqls = std::move(sqls), .is_batch = true, .execution_mode = mode};
}

inline Result<StatementFacts> Submit(StatementService& service, SubmitRequest request) {
  Answer<StatementFacts> answer;
  service.Submit(std::move(request), answer.Done());
  return answer.Await();
}
inline std::string SubmitId(StatementService& service, SubmitRequest request) {
  auto facts = Submit(service, std::move(request));
  if (!facts.ok()) FAIL(facts.error().message);
  return facts.value().id;
}
// Until it has ended.
inline StatementFacts Ended(StatementService& service, const std::string& id, const std::string& caller = "ann") {
  Answer<StatementFacts> answer;
  service.Wait(caller, id, Deadline::Never(), answer.Done());
  auto facts = answer.Await();
  if (!facts.ok()) FAIL(facts.error().message);
  return std::move(facts).value();
}
inline StatementFacts RunToEnd(StatementService& service, SubmitRequest request) {
  const auto caller = request.caller;
  return Ended(service, SubmitId(service, std::move(request)), caller);
}
inline std::string StateOf(StatementService& service, const std::string& id, const std::string& caller = "ann") {
  const auto facts = service.Describe(caller, id);
  return facts.ok() ? std::string(StateName(facts.value().progress.state)) : facts.error().message;
}

}  // namespace berth::statements
