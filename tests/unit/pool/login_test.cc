#include "pool/login_gate.h"
#include "pool_fixture.h"

namespace berth::pool {
namespace {

TEST_CASE("back-off doubles up to its limit; the second half of it is drawn") {
  test::ManualClock clock;
  LoginGate gate(1);
  milliseconds whole = kBackoffFirst;
  for (int i = 0; i < 12; ++i) {
    CHECK(gate.Failed(Unreachable(), clock) == LoginGate::Verdict::kFailIfHopeless);
    CHECK(gate.retry_at() >= clock.Now() + whole / 2);
    CHECK(gate.retry_at() <= clock.Now() + whole);
    whole = std::min(whole * 2, kBackoffMax);
  }
  gate.Succeeded();
  CHECK_FALSE(gate.failing());
  CHECK(gate.retry_at() <= clock.Now());
}

TEST_CASE("only refused passwords suspend, three in a row") {
  test::ManualClock clock;
  LoginGate gate(1);
  CHECK(gate.Failed(Refused(), clock) == LoginGate::Verdict::kFailHead);
  CHECK(gate.Failed(Refused(), clock) == LoginGate::Verdict::kFailHead);
  CHECK(gate.Failed(NoRoom(), clock) == LoginGate::Verdict::kWaitOn);
  CHECK(gate.Failed(Error{.code = ErrorCode::kServer, .message = "no such database"}, clock) ==
        LoginGate::Verdict::kFailHead);
  CHECK_FALSE(gate.suspended());
  gate.Failed(Refused(), clock);
  CHECK(gate.suspended());
  gate.Forget();
  CHECK_FALSE(gate.suspended());
}

TEST_CASE_FIXTURE(PoolFixture,
                  "a server that cannot be reached: the caller hears of it at once, the next one tries again") {
  auto pool = Make();
  server.ScriptLogin(Unreachable());
  const auto failed = pool->Acquire(In(seconds(60)));
  CHECK(failed.error().code == ErrorCode::kUnavailable);
  CHECK(failed.error().message == "no route to host");
  clock.Advance(kBackoffMax);
  CHECK(pool->Acquire(In(seconds(60))).ok());
  CHECK(ledger->TryTake({.connection_id = 7, .cap = 2}).value().has_value());  // the failed login kept no slot
}

TEST_CASE("a server that cannot be reached: who has a session to wait for waits on, one attempt at a time") {
  PoolFixture f(8);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  f.server.FailLogins(Unreachable());
  Caller first(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  Caller second(*pool, f.In(seconds(600)));
  PoolFixture::AwaitWaiting(*pool, 2);
  REQUIRE(Eventually([&] { return f.server.login_count() == 2 && pool->Stats().opening == 0; }));
  f.server.logins.Shut();
  f.clock.Advance(seconds(2));  // past the back-off, past kHurryAfter
  REQUIRE(Eventually([&] { return f.server.logins.waiting() == 1; }));
  CHECK(pool->Stats().opening == 1);
  f.server.logins.Open();
  REQUIRE(Eventually([&] { return pool->Stats().opening == 0; }));
  CHECK(f.server.logins_most() == 1);
  CHECK(pool->Stats().waiting == 2);
  held = Lease();
  REQUIRE(first.Join().ok());
  f.clock.Advance(seconds(30));
  const Error error = second.Join().error();
  CHECK(error.code == ErrorCode::kResourceExhausted);
  CHECK(error.message.find("no session within 30 s; logins fail (no route to host); ") != std::string::npos);
}

TEST_CASE_FIXTURE(PoolFixture, "a login refused for lack of room is waited out and counted") {
  auto pool = Make();
  for (int i = 0; i < 3; ++i) server.ScriptLogin(NoRoom());
  Caller waiter(*pool, In(seconds(60)));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    REQUIRE(Eventually([&] { return pool->Stats().no_room_total == i; }));
    CHECK_FALSE(waiter.done());
    clock.Advance(kBackoffMax);
  }
  CHECK(waiter.Join().ok());
  CHECK(server.login_count() == 4);
}

TEST_CASE("a server without room: the timeout says so, and how many are Berth's") {
  PoolFixture f(7);
  auto pool = f.Make();
  Lease one = f.Take(*pool);
  Lease two = f.Take(*pool);
  f.server.SetRoom(2);
  const Error error = WaitInVain(f, *pool);
  CHECK(error.code == ErrorCode::kResourceExhausted);
  CHECK(
      error.message.starts_with("connection \"etl\": no session within 5 s; the server refused the login (too many "
                                "connections for role \"etl\") while Berth holds 2 of 7 "
                                "(MAX_CONCURRENT_CONNECTIONS = 7)"));
  CHECK(error.hint.starts_with("Other programs use up the server's room"));
}

TEST_CASE("a server without room for the user: his limit, and how many sessions are somebody else's") {
  PoolFixture f(7);
  f.server.SetUserLimit("etl", 20);
  auto pool = f.Make();
  Lease one = f.Take(*pool);
  Lease two = f.Take(*pool);
  f.server.SetRoom(2);
  CHECK(WaitInVain(f, *pool).message.starts_with(
      "connection \"etl\": no session within 5 s; the server refused the login (limit 20 of user etl) while Berth "
      "holds "
      "2 of 7: 18 sessions are not Berth's (MAX_CONCURRENT_CONNECTIONS = 7)"));
}

TEST_CASE("a refused password reaches all who have nothing else to wait for; three suspend until the login changes") {
  PoolFixture f(4);
  auto pool = f.Make();
  f.server.FailLogins(Refused());
  f.server.logins.Shut();
  {
    Caller first(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    Caller second(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 2);
    f.server.logins.Open();
    CHECK(first.Join().error().Sqlstate() == "28P01");
    CHECK(second.Join().error().Sqlstate() == "28P01");
    CHECK(f.server.login_count() == 1);
  }
  for (int i = 0; i < 2; ++i) {
    f.clock.Advance(kBackoffMax);
    CHECK(pool->Acquire(f.In(seconds(60))).error().message == "password authentication failed");
  }
  f.clock.Advance(std::chrono::hours(1));
  const auto suspended = pool->Acquire(f.In(seconds(60)));
  CHECK(suspended.error().code == ErrorCode::kUnauthenticated);
  CHECK(suspended.error().Sqlstate() == "28P01");
  CHECK(suspended.error().message.starts_with("connection \"etl\" is suspended: 3 refused logins (28P01) since "));
  CHECK(suspended.error().message.ends_with(", so that the account is not locked"));
  CHECK(suspended.error().hint.starts_with("ALTER REDSHIFT CONNECTION etl SET"));
  CHECK(suspended.error().hint.find(", or RESUME CONNECTION etl;") != std::string::npos);
  CHECK(f.server.login_count() == 3);

  f.server.FailLogins(std::nullopt);
  ++f.options.version;
  pool->Reconfigure(f.options);  // the cap, say: the password is still the wrong one
  CHECK_FALSE(pool->Acquire(f.In(seconds(60))).ok());
  ++f.options.version;
  ++f.options.login_version;
  pool->Reconfigure(f.options);
  CHECK(pool->Acquire(f.In(seconds(60))).ok());
}

TEST_CASE("a refused password while sessions are open: the first in line hears of it, the others wait for those") {
  PoolFixture f(4);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  f.server.logins.Shut();
  f.server.FailLogins(Refused());
  Caller first(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  Caller second(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 2);
  f.server.logins.Open();
  CHECK(first.Join().error().code == ErrorCode::kUnauthenticated);
  CHECK_FALSE(second.done());
  held = Lease();
  CHECK(second.Join().ok());
}

TEST_CASE("suspended, and the last session in use is closed: those in line hear of it") {
  PoolFixture f(4);
  auto pool = f.Make();
  Lease held = f.Take(*pool);
  f.server.FailLogins(Refused());
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(pool->Acquire(f.In(seconds(60))).ok());
    f.clock.Advance(kBackoffMax);
  }
  Caller waiter(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  held.Discard();
  CHECK(waiter.Join().error().message.find("is suspended") != std::string::npos);
  CHECK(f.server.login_count() == 4);
}

TEST_CASE_FIXTURE(PoolFixture, "parameters that cannot be had, and what they throw, are errors of the caller") {
  options.params = [](Deadline) -> Result<session::ConnectParams> {
    return Error{.code = ErrorCode::kNotFound, .message = "no environment variable PW"};
  };
  auto pool = Make();
  CHECK(pool->Acquire(In(seconds(60))).error().message == "no environment variable PW");
  ++options.version;
  options.params = [](Deadline) -> Result<session::ConnectParams> { throw std::runtime_error("bang"); };
  pool->Reconfigure(options);
  clock.Advance(kBackoffMax);
  CHECK(pool->Acquire(In(seconds(60))).error().message == "connection \"etl\": the login failed: bang");
  CHECK(server.login_count() == 0);
}

}  // namespace
}  // namespace berth::pool
