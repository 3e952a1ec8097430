#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "pool/pool.h"
#include "support/fake_session.h"
#include "support/manual_clock.h"

namespace berth::pool {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Eventually;

// A pool on a fake server, with a clock that stands still.
struct PoolFixture {
  explicit PoolFixture(std::size_t sessions_max = 2) {
    options.connection_id = 7;
    options.connection_name = "etl";
    options.sessions_max = sessions_max;
    options.params = [](Deadline) -> Result<session::ConnectParams> { return session::ConnectParams{.user = "u"}; };
  }

  std::shared_ptr<Pool> Make() { return Pool::Create(options, {.factory = server, .ledger = *ledger, .clock = clock}); }
  Deadline In(milliseconds wait) const { return Deadline::After(clock, wait); }
  // Must succeed.
  Lease Take(Pool& pool, std::string_view label = {}) const {
    auto lease = pool.Acquire({.deadline = In(seconds(60)), .label = label});
    if (!lease.ok()) MESSAGE(lease.error().message);
    REQUIRE(lease.ok());
    return std::move(lease).value();
  }
  static test::FakeSession& Fake(const Lease& lease) { return dynamic_cast<test::FakeSession&>(*lease); }
  static int IdOf(const Lease& lease) { return Fake(lease).id(); }
  static void AwaitWaiting(const Pool& pool, std::size_t count) {
    REQUIRE(Eventually([&] { return pool.Stats().waiting == count; }));
  }

  PoolOptions options;
  test::ManualClock clock;
  test::FakeFactory server;
  std::unique_ptr<SlotLedger> ledger = MakeLocalLedger();
};

// A thread that acquires, and keeps what it got until it is asked.
class Caller {
 public:
  Caller(Pool& pool, Deadline deadline, Cancellation* cancellation = nullptr)
      : thread_([this, &pool, deadline, cancellation] {
          result_.emplace(pool.Acquire({.deadline = deadline, .cancellation = cancellation}));
          done_ = true;
        }) {}
  ~Caller() {
    if (thread_.joinable()) thread_.join();
  }
  bool done() const { return done_; }
  Result<Lease>& Join() {
    if (thread_.joinable()) thread_.join();
    return *result_;
  }

 private:
  std::optional<Result<Lease>> result_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

// What one is told who has waited for 5 s while the server had no room for the login.
inline Error WaitInVain(PoolFixture& f, Pool& pool) {
  Caller waiter(pool, f.In(seconds(5)));
  REQUIRE(Eventually([&] { return pool.Stats().no_room_total == 1; }));
  f.server.logins.Shut();  // the next attempt does not end before the deadline
  f.clock.Advance(seconds(5));
  Error error = waiter.Join().error();
  f.server.logins.Open();
  return error;
}

inline Error Refused() {
  return {.code = ErrorCode::kUnauthenticated, .message = "password authentication failed", .sqlstate = "28P01"};
}
inline Error Unreachable() {
  return {.code = ErrorCode::kUnavailable, .message = "no route to host"};
}
inline Error NoRoom() {
  return {.code = ErrorCode::kResourceExhausted, .message = "too many connections for role \"etl\""};
}

}  // namespace berth::pool
