#include <filesystem>

#include "pool/pool_set.h"
#include "pool_fixture.h"

namespace berth::pool {
namespace {

std::size_t ThreadCount() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_CASE("a lower cap drains: idle ones go at once, those in use when they come back; a higher one opens more") {
  PoolFixture f(4);
  auto pool = f.Make();
  std::vector<Lease> leases;
  for (int i = 0; i < 4; ++i) leases.push_back(f.Take(*pool));
  leases.pop_back();  // 4 is idle
  f.options.sessions_max = 2;
  ++f.options.version;
  pool->Reconfigure(f.options);
  REQUIRE(Eventually([&] { return f.server.open() == 3; }));
  CHECK(f.server.CountEvents("close 4") == 1);
  CHECK(pool->Stats().leased == 3);  // none of them is disturbed
  CHECK_FALSE(pool->Acquire(f.In(milliseconds(0))).ok());
  leases.pop_back();
  REQUIRE(Eventually([&] { return f.server.open() == 2; }));
  CHECK(pool->Stats().idle == 0);
  leases.pop_back();  // within the cap: kept
  CHECK(pool->Stats().idle == 1);

  Caller one(*pool, f.In(seconds(60)));
  REQUIRE(one.Join().ok());
  Caller two(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  CHECK(f.server.login_count() == 4);
  f.options.sessions_max = 3;
  ++f.options.version;
  pool->Reconfigure(f.options);
  CHECK(two.Join().ok());
  CHECK(f.server.open() == 3);
  CHECK(f.server.open_most() == 4);
}

TEST_CASE_FIXTURE(PoolFixture, "options of an older version change nothing") {
  options.version = 5;
  auto pool = Make();
  {
    Lease lease = Take(*pool);
  }
  options.version = 4;
  options.login_version = -1;
  pool->Reconfigure(options);
  CHECK(IdOf(Take(*pool)) == 1);
}

TEST_CASE(
    "another login replaces sessions: idle ones at once, those in use when they come back, those being opened as "
    "well") {
  PoolFixture f(3);
  auto pool = f.Make();
  Lease in_use = f.Take(*pool);
  {
    Lease idle = f.Take(*pool);
  }
  Lease taken = f.Take(*pool);
  f.server.logins.Shut();
  Caller waiter(*pool, f.In(seconds(60)));
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == 1; }));
  taken = Lease();
  REQUIRE(waiter.Join().ok());
  waiter.Join().value() = Lease();

  ++f.options.version;
  ++f.options.login_version;
  pool->Reconfigure(f.options);
  REQUIRE(Eventually([&] { return f.server.CountEvents("close 2") == 1; }));
  f.server.logins.Open();
  REQUIRE(Eventually([&] { return f.server.CountEvents("close 3") == 1; }));
  CHECK(in_use->state() == session::SessionState::kIdle);
  CHECK(f.server.open() == 1);
  in_use = Lease();
  REQUIRE(Eventually([&] { return f.server.open() == 0; }));
  CHECK(PoolFixture::IdOf(f.Take(*pool)) == 4);
}

TEST_CASE("a failure of the old login says nothing about the new one") {
  PoolFixture f(1);
  auto pool = f.Make();
  f.server.logins.Shut();
  f.server.ScriptLogin(Refused());
  Caller waiter(*pool, f.In(seconds(60)));
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == 1; }));
  ++f.options.version;
  ++f.options.login_version;
  pool->Reconfigure(f.options);
  f.server.logins.Open();
  REQUIRE(waiter.Join().ok());
  CHECK(f.server.login_count() == 2);
}

TEST_CASE("Close: waiters and newcomers hear that the connection was dropped; leases finish until the deadline") {
  const std::size_t threads = ThreadCount();
  PoolFixture f(2);
  auto pool = f.Make();
  Lease one = f.Take(*pool, "report");
  Lease two = f.Take(*pool);
  f.clock.Advance(seconds(61));
  {
    Caller waiter(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    const Status closed = pool->Close(f.In(milliseconds(0)));
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().code == ErrorCode::kDeadlineExceeded);
    CHECK(closed.error().message ==
          "connection \"etl\": 2 sessions are still open (2 in use, 0 logging in, 0 closing)");
    CHECK(closed.error().detail.find("(report) busy 1:01") != std::string::npos);
    CHECK(waiter.Join().error().code == ErrorCode::kNotFound);
    CHECK(waiter.Join().error().message == "connection \"etl\" was dropped");
    CHECK(pool->Acquire(f.In(seconds(60))).error().code == ErrorCode::kNotFound);
  }
  std::thread closes([&] { CHECK(pool->Close(f.In(seconds(60))).ok()); });
  one = Lease();
  two = Lease();
  closes.join();
  CHECK(f.server.open() == 0);
  CHECK(Eventually([&] { return ThreadCount() == threads; }));
  CHECK(pool->Close(f.In(seconds(60))).ok());
  CHECK(pool->Acquire(f.In(seconds(60))).error().code == ErrorCode::kNotFound);
}

TEST_CASE("Close waits for a login under way, and closes what it gave") {
  const std::size_t threads = ThreadCount();
  PoolFixture f(2);
  auto pool = f.Make();
  f.server.logins.Shut();
  Caller waiter(*pool, f.In(seconds(60)));
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == 1; }));
  CHECK_FALSE(pool->Close(f.In(milliseconds(0))).ok());
  CHECK(waiter.Join().error().code == ErrorCode::kNotFound);
  f.server.logins.Open();
  CHECK(pool->Close(f.In(seconds(60))).ok());
  CHECK(f.server.open() == 0);
  CHECK(Eventually([&] { return ThreadCount() == threads; }));
}

TEST_CASE_FIXTURE(PoolFixture,
                  "PoolSet: one pool a connection, altered by newer versions only; none is left at its end") {
  const std::size_t threads = ThreadCount();
  {
    PoolSet set({.factory = server, .ledger = *ledger, .clock = clock});
    options.version = 3;
    auto pool = set.Get(options);
    CHECK(set.Get(options) == pool);
    Lease lease = Take(*pool);
    options.version = 4;
    options.sessions_max = 1;
    CHECK(set.Get(options) == pool);
    CHECK_FALSE(pool->Acquire(In(milliseconds(0))).ok());
    options.version = 3;
    options.sessions_max = 2;
    CHECK(set.Get(options) == pool);
    CHECK_FALSE(pool->Acquire(In(milliseconds(0))).ok());

    options.connection_id = 8;
    auto other = set.Get(options);
    CHECK(other != pool);
    {
      Lease theirs = Take(*other);
    }
    set.Dropped(99);
    set.Dropped(7);  // does not wait for the lease
    CHECK(pool->Acquire(In(seconds(60))).error().code == ErrorCode::kNotFound);
    CHECK(lease->state() == session::SessionState::kIdle);
    CHECK(server.open() == 2);
    lease = Lease();
    REQUIRE(Eventually([&] { return server.open() == 1; }));
  }
  CHECK(server.open() == 0);
  CHECK(Eventually([&] { return ThreadCount() == threads; }));
}

Pause PauseFor(const PoolFixture& f, Pause::Mode mode, milliseconds span) {
  return {.mode = mode, .by = "anna", .why = "vacuum", .until = f.clock.WallNow() + span, .since = f.clock.WallNow()};
}

TEST_CASE("paused: sessions in use finish, idle ones go, newcomers wait until its end comes by the clock") {
  PoolFixture f(2);
  auto pool = f.Make();
  Lease busy = f.Take(*pool);
  f.Take(*pool);
  f.options.pause = PauseFor(f, Pause::Mode::kWait, seconds(20));
  f.options.version = 1;
  pool->Reconfigure(f.options);
  CHECK(Eventually([&] { return pool->Stats().idle + pool->Stats().closing == 0; }));
  CHECK(pool->Facts().paused);

  const Status still = pool->Drain(f.In(milliseconds(0)));
  REQUIRE_FALSE(still.ok());
  CHECK(still.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(still.error().message.find("1 sessions are still open (1 in use") != std::string::npos);
  busy = Lease();
  CHECK(pool->Drain(f.In(seconds(60))).ok());
  CHECK(f.server.open() == 0);

  const auto late = pool->Acquire(f.In(milliseconds(0)));
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().Sqlstate() == "53300");
  CHECK(late.error().message.find("paused by anna since ") != std::string::npos);
  CHECK(late.error().message.find(" until ") != std::string::npos);
  CHECK(late.error().message.find(": vacuum; 0 of 2 slots in use") != std::string::npos);
  CHECK(late.error().hint == "RESUME CONNECTION etl ends the pause.");

  Caller waiter(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  f.clock.Advance(seconds(19));
  CHECK_FALSE(waiter.done());
  f.clock.Advance(seconds(1));
  CHECK(waiter.Join().ok());
  CHECK_FALSE(pool->Facts().paused);
}

TEST_CASE("paused with REFUSE: those in line and newcomers hear of it at once; RESUME lets them in") {
  PoolFixture f(1);
  auto pool = f.Make();
  Lease busy = f.Take(*pool);
  Caller waiter(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  f.options.pause = PauseFor(f, Pause::Mode::kRefuse, seconds(30));
  f.options.pause->until.reset();
  f.options.version = 1;
  pool->Reconfigure(f.options);
  REQUIRE_FALSE(waiter.Join().ok());
  CHECK(waiter.Join().error().code == ErrorCode::kFailedPrecondition);
  const auto refused = pool->Acquire(f.In(seconds(60)));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("connection \"etl\" is paused by anna since ") == 0);
  CHECK(refused.error().message.find(" until it is resumed: vacuum") != std::string::npos);
  busy = Lease();
  f.options.pause.reset();
  f.options.version = 2;
  pool->Reconfigure(f.options);
  CHECK(pool->Acquire(f.In(seconds(60))).ok());
}

TEST_CASE_FIXTURE(PoolFixture, "a pool set tells of its pools, and hears of a group's newer version") {
  PoolSet pools({.factory = server, .ledger = *ledger, .clock = clock});
  CHECK(pools.Find(7) == nullptr);
  auto pool = pools.Get(options);
  CHECK(pools.Find(7) == pool);
  Lease lease = Take(*pool);
  REQUIRE(pools.All().size() == 1);
  CHECK(pools.All()[0].name == "etl");
  CHECK(pools.All()[0].stats.leased == 1);
  options.sessions_max = 9;
  pools.Get(options);
  CHECK(pools.All()[0].sessions_max == 2);  // the same version: nothing new
  options.group = GroupShare{.group_id = 1, .name = "wh", .version = 1, .cap = 5};
  pools.Get(options);
  CHECK(pools.All()[0].sessions_max == 9);
  lease = Lease();
}

}  // namespace
}  // namespace berth::pool
