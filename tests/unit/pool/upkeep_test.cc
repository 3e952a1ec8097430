#include <atomic>
#include <string>
#include <vector>

#include "base/log.h"
#include "pool_fixture.h"

namespace berth::pool {
namespace {

TEST_CASE("min_idle: opened by the crew before anybody asks, kept when used, under the cap") {
  PoolFixture f(3);
  f.options.min_idle = 2;
  auto pool = f.Make();
  REQUIRE(Eventually([&] { return pool->Stats().idle == 2; }));
  Lease one = f.Take(*pool);
  REQUIRE(Eventually([&] { return pool->Stats().idle == 2; }));
  Lease two = f.Take(*pool);
  Lease three = f.Take(*pool);
  CHECK(f.server.open_most() == 3);
  CHECK(f.server.logins_most() == 1);  // for nobody in particular: one at a time
}

TEST_CASE("min_idle: these do not idle out, those above it do; a life that ends is replaced") {
  PoolFixture f(3);
  f.options.min_idle = 1;
  f.options.idle_max = seconds(10);
  f.options.lifetime_max = seconds(100);
  auto pool = f.Make();
  {
    Lease one = f.Take(*pool);
    Lease two = f.Take(*pool);
  }
  REQUIRE(Eventually([&] { return pool->Stats().opening == 0 && pool->Stats().idle >= 2; }));
  f.clock.Advance(seconds(11));
  REQUIRE(Eventually([&] { return f.server.open() == 1; }));
  const std::size_t before = f.server.login_count();
  f.clock.Advance(seconds(50));
  CHECK(pool->Stats().idle == 1);
  CHECK(f.server.login_count() == before);
  f.clock.Advance(seconds(50));
  CHECK(Eventually([&] { return f.server.login_count() == before + 1 && pool->Stats().idle == 1; }));
}

TEST_CASE("min_idle: not while another process waits for a slot") {
  PoolFixture f(2);
  auto elsewhere = f.ledger->TryTake({.connection_id = 7, .cap = 1});
  f.options.sessions_max = 1;
  f.options.min_idle = 1;
  auto pool = f.Make();
  REQUIRE(Eventually([&] { return pool->Stats().opening == 0; }));
  CHECK(f.server.login_count() == 0);
  elsewhere.value().reset();
  f.clock.Advance(kFillAgain);
  CHECK(Eventually([&] { return pool->Stats().idle == 1; }));
}

TEST_CASE("min_idle: one refused password ends it, so that callers have tries left") {
  PoolFixture f(2);
  f.server.FailLogins(Refused());
  f.options.min_idle = 2;
  auto pool = f.Make();
  REQUIRE(Eventually([&] { return f.server.login_count() == 1 && pool->Stats().opening == 0; }));
  f.clock.Advance(seconds(60));
  f.server.FailLogins(std::nullopt);
  f.Take(*pool);
  CHECK(Eventually([&] { return pool->Stats().idle == 2; }));
  CHECK(f.server.login_count() <= 4);
}

TEST_CASE("keepalive: an idle session is probed every interval, and its time of idling goes on") {
  PoolFixture f(2);
  f.options.keepalive_interval = seconds(30);
  f.options.idle_max = seconds(100);
  auto pool = f.Make();
  f.Take(*pool);
  f.clock.Advance(seconds(29));
  CHECK(f.server.CountEvents("ping 1") == 0);
  for (std::size_t i = 1; i <= 3; ++i) {
    f.clock.Advance(i == 1 ? seconds(1) : seconds(30));
    REQUIRE(Eventually([&] { return f.server.CountEvents("ping 1") == i; }));
    f.clock.AwaitWaits(f.clock.waits() + 2);  // the probe is over when its thread waits again
  }
  CHECK(f.server.CountEvents("close 1") == 0);
  f.clock.Advance(seconds(10));  // 100 since it was used
  CHECK(Eventually([&] { return f.server.CountEvents("close 1") == 1; }));
}

TEST_CASE("keepalive: a session that was probed just now is taken without another probe") {
  PoolFixture f(1);
  f.options.keepalive_interval = seconds(30);
  auto pool = f.Make();
  f.Take(*pool);
  f.clock.Advance(seconds(30));
  REQUIRE(Eventually([&] { return f.server.CountEvents("ping 1") == 1; }));
  f.Take(*pool);
  CHECK(f.server.CountEvents("ping 1") == 1);
}

TEST_CASE("keepalive: a dead session is closed, and replaced where min_idle asks for it") {
  PoolFixture f(2);
  f.options.keepalive_interval = seconds(30);
  f.options.min_idle = 1;
  auto pool = f.Make();
  REQUIRE(Eventually([&] { return pool->Stats().idle == 1; }));
  {
    Lease lease = f.Take(*pool);
    PoolFixture::Fake(lease).ping_error = Unreachable();
  }
  REQUIRE(Eventually([&] { return pool->Stats().opening == 0; }));
  f.clock.Advance(seconds(30));
  CHECK(Eventually([&] { return f.server.CountEvents("close 1") == 1 && pool->Stats().idle == 1; }));
  CHECK(pool->Stats().broken_total == 1);
}

TEST_CASE("a lease that is out for too long is a warning, once, with what it is for now") {
  std::vector<std::string> lines;
  std::atomic<int> count{0};
  log::SetSink([&](log::Level, std::string_view line) {
    lines.emplace_back(line);
    ++count;
  });
  PoolFixture f(2);
  f.options.leak_after = seconds(60);
  auto pool = f.Make();
  {
    Lease quick = f.Take(*pool, "quick");
    Lease lease = f.Take(*pool, "job a");
    f.clock.Advance(seconds(40));
    lease.SetLabel("UPDATE a SET b = $1");
    quick = Lease();
    f.clock.Advance(seconds(25));
    CHECK(Eventually([&] { return count == 1; }));
    f.clock.Advance(seconds(200));
  }
  pool.reset();
  log::SetSink({});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("connection \"etl\": a session has been on loan for 1:05 and is not given back: thread ") == 0);
  CHECK(lines[0].find(" (UPDATE a SET b = $1)") != std::string::npos);
}

}  // namespace
}  // namespace berth::pool
