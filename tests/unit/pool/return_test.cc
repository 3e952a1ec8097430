#include "pool_fixture.h"

namespace berth::pool {
namespace {

using session::SessionState;
using session::Stain;

TEST_CASE_FIXTURE(PoolFixture, "clean and idle: back as it is, and the holder's notice sink is gone") {
  auto pool = Make();
  {
    Lease lease = Take(*pool);
    lease->SetNoticeSink([](const Notice&) {});
  }
  Lease lease = Take(*pool);
  CHECK(IdOf(lease) == 1);
  CHECK_FALSE(Fake(lease).notice_sink);
  CHECK(server.CountEvents("reset 1") == 0);
}

TEST_CASE("in a transaction, or with settings changed: reset aside, in use meanwhile, then to the first in line") {
  const std::pair<SessionState, Stain> cases[] = {{SessionState::kInTransaction, Stain::kNone},
                                                  {SessionState::kFailedTransaction, Stain::kNone},
                                                  {SessionState::kIdle, Stain::kSettings},
                                                  {SessionState::kActive, Stain::kNone}};
  for (const auto& [state, stain] : cases) {
    PoolFixture f(1);
    auto pool = f.Make();
    Lease lease = f.Take(*pool);
    PoolFixture::Fake(lease).SetState(state);
    PoolFixture::Fake(lease).SetStain(stain);
    Caller waiter(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    f.server.resets.Shut();
    lease = Lease();  // does not block
    REQUIRE(Eventually([&] { return f.server.resets.waiting() == 1; }));
    CHECK(pool->Stats().leased == 1);
    CHECK(pool->Stats().idle == 0);
    CHECK_FALSE(waiter.done());
    f.server.resets.Open();
    REQUIRE(waiter.Join().ok());
    CHECK(PoolFixture::IdOf(waiter.Join().value()) == 1);
    CHECK(waiter.Join().value()->state() == SessionState::kIdle);
    CHECK(waiter.Join().value()->stain() == Stain::kNone);
    CHECK(f.server.CountEvents("reset 1") == 1);
    CHECK(f.server.CountEvents("cancel 1") == (state == SessionState::kActive ? 1 : 0));
    CHECK(f.server.login_count() == 1);
  }
}

TEST_CASE_FIXTURE(PoolFixture, "a reset that fails closes the session") {
  options.sessions_max = 1;
  auto pool = Make();
  {
    Lease lease = Take(*pool);
    Fake(lease).SetStain(Stain::kSettings);
    Fake(lease).reset_error = Error{.code = ErrorCode::kServer, .message = "no"};
  }
  CHECK(IdOf(Take(*pool)) == 2);
  CHECK(pool->Stats().broken_total == 1);
  CHECK(server.open_most() == 1);
}

TEST_CASE("objects left behind, or broken: closed aside, and its place is free only once the server has hung up") {
  const std::pair<SessionState, Stain> cases[] = {{SessionState::kIdle, Stain::kObjects},
                                                  {SessionState::kBroken, Stain::kNone},
                                                  {SessionState::kBroken, Stain::kSettings}};
  for (const auto& [state, stain] : cases) {
    PoolFixture f(1);
    auto pool = f.Make();
    Lease lease = f.Take(*pool);
    PoolFixture::Fake(lease).SetState(state);
    PoolFixture::Fake(lease).SetStain(stain);
    f.server.closes.Shut();
    lease = Lease();  // does not block
    REQUIRE(Eventually([&] { return f.server.closes.waiting() == 1; }));
    CHECK(pool->Stats().closing == 1);
    Caller waiter(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    CHECK(f.server.login_count() == 1);
    f.server.closes.Open();
    REQUIRE(waiter.Join().ok());
    CHECK(PoolFixture::IdOf(waiter.Join().value()) == 2);
    CHECK(f.server.open_most() == 1);
    CHECK(f.server.CountEvents("reset 1") == 0);
    CHECK(pool->Stats().broken_total == (state == SessionState::kBroken ? 1 : 0));
  }
}

TEST_CASE("Discard returns once the server has hung up") {
  PoolFixture f(1);
  auto pool = f.Make();
  Lease lease = f.Take(*pool);
  f.server.closes.Shut();
  std::atomic<bool> done{false};
  std::thread discards([&] {
    lease.Discard();
    done = true;
  });
  REQUIRE(Eventually([&] { return f.server.closes.waiting() == 1; }));
  CHECK_FALSE(done);
  CHECK(pool->Stats().closing == 1);
  f.server.closes.Open();
  discards.join();
  CHECK(pool->Stats().closing == 0);
  CHECK(f.server.open() == 0);
}

TEST_CASE_FIXTURE(PoolFixture, "idle_max and lifetime_max are kept without anybody asking") {
  auto pool = Make();
  Lease one = Take(*pool);
  {
    Lease two = Take(*pool);
  }
  clock.Advance(options.idle_max);
  REQUIRE(Eventually([&] { return server.open() == 1; }));
  CHECK(server.CountEvents("close 2") == 1);

  // Used all the time, an old one goes when it comes back: at the latest after lifetime_max, at the soonest 10 %
  // before.
  clock.Advance(options.lifetime_max - options.idle_max - options.lifetime_max / 10 - seconds(1));
  one = Lease();
  one = Take(*pool);
  CHECK(IdOf(one) == 1);
  clock.Advance(options.lifetime_max / 10 + seconds(1));
  one = Lease();
  CHECK(IdOf(Take(*pool)) == 3);
  CHECK(server.CountEvents("close 1") == 1);
}

TEST_CASE_FIXTURE(PoolFixture, "an idle session past its life is never given out") {
  options.idle_max = std::chrono::hours(10);
  auto pool = Make();
  {
    Lease lease = Take(*pool);
  }
  clock.Advance(options.lifetime_max);
  CHECK(IdOf(Take(*pool)) == 2);
}

TEST_CASE_FIXTURE(PoolFixture, "a lease may be moved, and outlives all other references to its pool") {
  auto pool = Make();
  Lease lease = Take(*pool);
  Lease moved = std::move(lease);
  CHECK_FALSE(lease);  // NOLINT(bugprone-use-after-move)
  CHECK(moved);
  moved = Take(*pool);  // the first one goes back
  CHECK(pool->Stats().idle == 1);
  pool.reset();
  CHECK(server.open() == 2);
  moved = Lease();
  CHECK(server.open() == 0);
}

}  // namespace
}  // namespace berth::pool
