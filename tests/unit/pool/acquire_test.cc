#include <sched.h>

#include <vector>

#include "pool_fixture.h"

namespace berth::pool {
namespace {

TEST_CASE_FIXTURE(PoolFixture, "a session is opened once and used again") {
  auto pool = Make();
  {
    Lease lease = Take(*pool);
    CHECK(IdOf(lease) == 1);
    CHECK(pool->Stats().leased == 1);
  }
  CHECK(pool->Stats().idle == 1);
  Lease lease = Take(*pool);
  CHECK(IdOf(lease) == 1);
  CHECK(server.login_count() == 1);
  lease.Discard();
  CHECK_FALSE(lease);
  CHECK(server.open() == 0);
  CHECK(pool->Close(In(seconds(1))).ok());
}

TEST_CASE_FIXTURE(PoolFixture, "idle sessions: last in, first out") {
  auto pool = Make();
  Lease one = Take(*pool);
  Lease two = Take(*pool);
  two = Lease();
  one = Lease();
  CHECK(IdOf(Take(*pool)) == 1);
  CHECK(IdOf(Take(*pool)) == 1);
}

TEST_CASE("who comes back at once gets the session that he had; later, the last in is first out") {
  for (const bool at_once : {true, false}) {
    CAPTURE(at_once);
    PoolFixture f;
    auto pool = f.Make();
    Lease own = f.Take(*pool);
    Caller other(*pool, f.In(seconds(1)));
    REQUIRE(other.Join().ok());
    own = Lease();
    other.Join().value() = Lease();
    if (!at_once) f.clock.Advance(kNearFor);
    CHECK(f.IdOf(f.Take(*pool)) == (at_once ? 1 : 2));
  }
}

// Runs this thread on one processor alone while it lives.
class OnOneProcessor {
 public:
  OnOneProcessor() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor(), &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  }
  OnOneProcessor(const OnOneProcessor&) = delete;
  OnOneProcessor& operator=(const OnOneProcessor&) = delete;
  ~OnOneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }
  int processor() const { return processor_; }

 private:
  int processor_ = ::sched_getcpu();
  cpu_set_t before_{};
};

TEST_CASE("who comes back at once gets a session whose answers arrive on his processor; later, the last in") {
  for (const bool at_once : {true, false}) {
    CAPTURE(at_once);
    PoolFixture f(3);
    const OnOneProcessor here;
    auto pool = f.Make();
    std::vector<Lease> leases;
    for (int i = 0; i < 3; ++i) leases.push_back(f.Take(*pool));
    for (auto& lease : leases) f.Fake(lease).on_processor = here.processor() + (f.IdOf(lease) == 2 ? 0 : 1);
    for (auto& lease : leases) lease = Lease();
    if (!at_once) f.clock.Advance(kNearFor);
    CHECK(f.IdOf(f.Take(*pool)) == (at_once ? 2 : 3));
  }
}

TEST_CASE_FIXTURE(PoolFixture, "only a session that is alone at work waits eagerly") {
  auto pool = Make();
  Lease one = Take(*pool);
  CHECK(Fake(one).eager);
  Lease two = Take(*pool);
  CHECK_FALSE(Fake(two).eager);
  two = Lease();
  one = Lease();
  one = Take(*pool);
  CHECK(Fake(one).eager);
}

TEST_CASE("waiters are served in order, and a newcomer does not pass one who has waited") {
  PoolFixture f(1);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  Caller first(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  Caller second(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 2);
  Caller third(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 3);
  f.clock.Advance(milliseconds(1));  // above kBargeMax

  held = Lease();
  REQUIRE(first.Join().ok());
  CHECK_FALSE(second.done());
  CHECK(pool->Stats().idle == 0);  // handed over: a newcomer finds none
  first.Join().value() = Lease();
  REQUIRE(second.Join().ok());
  CHECK_FALSE(third.done());
  second.Join().value().Discard();
  REQUIRE(third.Join().ok());
  CHECK(f.server.login_count() == 2);
  CHECK(f.server.open_most() == 1);
}

TEST_CASE("a newcomer may take a session that came back while the first in line has waited less than the bound") {
  PoolFixture f(1);
  auto pool = f.Make();
  // The clock stands still: whoever takes the lock first has it, and nobody is stuck.
  for (int round = 0; round < 200; ++round) {
    Lease held = f.Take(*pool);
    Caller waiter(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    held = Lease();
    static_cast<void>(pool->Acquire(f.In(milliseconds(0))).ok());
    REQUIRE(waiter.Join().ok());
  }
  CHECK(f.server.login_count() == 1);
}

TEST_CASE_FIXTURE(PoolFixture,
                  "used lately: no look; idle for a while: a look; idle for longer than probe_after: a ping") {
  auto pool = Make();
  {
    Lease lease = Take(*pool);
  }
  {
    CHECK(Fake(Take(*pool)).looks == 0);
  }
  clock.Advance(milliseconds(500));
  {
    CHECK(Fake(Take(*pool)).looks == 1);
  }
  CHECK(server.CountEvents("ping 1") == 0);
  clock.Advance(milliseconds(501));
  {
    Lease lease = Take(*pool);
  }
  CHECK(server.CountEvents("ping 1") == 1);
  CHECK(server.login_count() == 1);
}

TEST_CASE_FIXTURE(PoolFixture, "a dead idle session is replaced, and the caller sees nothing of it") {
  auto pool = Make();
  {
    Lease one = Take(*pool);
    Fake(one).alive = false;
  }
  clock.Advance(milliseconds(100));
  {
    CHECK(IdOf(Take(*pool)) == 2);
  }
  CHECK(pool->Stats().broken_total == 1);

  Lease two = Take(*pool);
  Lease three = Take(*pool);
  Fake(three).ping_error = Error{.code = ErrorCode::kSessionLost, .message = "gone"};
  two = Lease();
  three = Lease();
  clock.Advance(seconds(2));
  CHECK(IdOf(Take(*pool)) == 4);
  CHECK(server.CountEvents("ping 2") == 0);  // idle for as long as the silent one: closed without asking
  CHECK(server.open_most() == 2);
}

TEST_CASE_FIXTURE(PoolFixture, "a slow login holds up nobody: a session that comes back serves first") {
  auto pool = Make();
  Lease held = Take(*pool);
  server.logins.Shut();
  Caller waiter(*pool, In(seconds(60)));
  REQUIRE(Eventually([&] { return server.logins.waiting() == 1; }));
  held = Lease();
  REQUIRE(waiter.Join().ok());
  CHECK(IdOf(waiter.Join().value()) == 1);
  {
    auto other = pool->Acquire(In(milliseconds(0)));
    CHECK_FALSE(other.ok());
  }
  server.logins.Open();
  CHECK(Eventually([&] { return pool->Stats().idle == 1; }));  // the new one is kept
}

TEST_CASE("one login at a time while sessions may still come back; more for those who have waited") {
  PoolFixture f(10);
  auto pool = f.Make();
  f.server.logins.Shut();
  std::vector<std::unique_ptr<Caller>> callers;
  for (std::size_t i = 1; i <= 6; ++i) {
    callers.push_back(std::make_unique<Caller>(*pool, f.In(seconds(60))));
    PoolFixture::AwaitWaiting(*pool, i);
  }
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == 1; }));
  CHECK(pool->Stats().opening == 1);
  f.clock.Advance(kHurryAfter);
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == kConnectsMax; }));
  CHECK(pool->Stats().opening == kConnectsMax);
  f.server.logins.Open();
  for (auto& caller : callers) CHECK(caller->Join().ok());
  CHECK(f.server.logins_most() == kConnectsMax);
}

TEST_CASE("the timeout says which limit, the numbers, the place in line and the longest holders") {
  PoolFixture f(2);
  auto pool = f.Make();
  Lease one = f.Take(*pool, "nightly load");
  f.clock.Advance(seconds(120));
  Lease two = f.Take(*pool);
  f.clock.Advance(seconds(2));
  Caller first(*pool, f.In(seconds(600)));
  PoolFixture::AwaitWaiting(*pool, 1);
  Caller second(*pool, f.In(seconds(600)));
  PoolFixture::AwaitWaiting(*pool, 2);
  f.clock.Advance(seconds(30));
  const Error error = first.Join().error();
  CHECK(error.code == ErrorCode::kResourceExhausted);
  CHECK(error.Sqlstate() == "53300");
  CHECK(
      error.message.starts_with("connection \"etl\": no session within 30 s; 2 of 2 slots in use "
                                "(MAX_CONCURRENT_CONNECTIONS = 2), "));
  CHECK(error.detail.starts_with("longest: thread "));
  CHECK(error.detail.find(" (nightly load) busy 2:32; thread ") != std::string::npos);
  CHECK(error.detail.ends_with(" busy 0:32"));
  CHECK(error.hint.find("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = n") != std::string::npos);
  CHECK_FALSE(second.Join().ok());
  CHECK(pool->Stats().timeouts_total == 2);
  CHECK(pool->Stats().waiting == 0);
}

TEST_CASE("the caller's deadline counts where it is sooner") {
  PoolFixture f(1);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  Caller alone(*pool, f.In(milliseconds(1'500)));
  PoolFixture::AwaitWaiting(*pool, 1);
  f.clock.Advance(milliseconds(1'500));
  CHECK(alone.Join().error().message ==
        "connection \"etl\": no session within 1.5 s; 1 of 1 slots in use (MAX_CONCURRENT_CONNECTIONS = 1), 1 waiting");
  auto late = pool->Acquire(f.In(milliseconds(0)));
  CHECK(late.error().message.find("no session within 0 ms") != std::string::npos);
}

TEST_CASE("too many waiters are refused by name of the limit") {
  PoolFixture f(1);
  f.options.waiters_max = 1;
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  Caller waiter(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  const auto refused = pool->Acquire(f.In(seconds(60)));
  CHECK(refused.error().code == ErrorCode::kLimitExceeded);
  CHECK(refused.error().message == "connection \"etl\": 1 callers wait for a session already (MAX_WAITERS = 1)");
  held = Lease();
  CHECK(waiter.Join().ok());
}

TEST_CASE("a waiter can be cancelled from another thread; the others keep their places") {
  PoolFixture f(1);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  Cancellation cancellation;
  Caller waiter(*pool, f.In(seconds(60)), &cancellation);
  PoolFixture::AwaitWaiting(*pool, 1);
  Caller other(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 2);
  cancellation.Cancel();
  CHECK(waiter.Join().error().code == ErrorCode::kCancelled);
  CHECK(waiter.Join().error().message == "cancelled while waiting for a session of connection \"etl\"");
  CHECK(pool->Stats().waiting == 1);
  held = Lease();
  CHECK(other.Join().ok());

  // It stays cancelled until Reset, but what needs no wait is given.
  CHECK(pool->Acquire({.deadline = f.In(seconds(60)), .cancellation = &cancellation}).error().code ==
        ErrorCode::kCancelled);
  cancellation.Reset();
  other.Join().value() = Lease();
  CHECK(pool->Acquire({.deadline = f.In(seconds(60)), .cancellation = &cancellation}).ok());
}

}  // namespace
}  // namespace berth::pool
