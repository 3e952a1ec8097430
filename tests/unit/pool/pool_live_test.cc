#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "pool/pool.h"
#include "support/fake_session.h"
#include "support/temp_postgres.h"

// The oracle is the server: it counts a role's sessions itself, and refuses those above CONNECTION LIMIT.
namespace berth::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct LivePool {
  LivePool(const std::string& role, int limit, std::size_t cap) : postgres(test::TempPostgres::Shared()) {
    postgres.Psql(fmt::format(
        "DROP ROLE IF EXISTS {0}; CREATE ROLE {0} LOGIN PASSWORD 'pool-secret-1' CONNECTION LIMIT {1}", role, limit));
    params.host = postgres.host();
    params.port = postgres.port();
    params.database = postgres.database();
    params.user = role;
    params.password = Secret("pool-secret-1");
    params.sslmode = "disable";
    options.connection_id = 1;
    options.connection_name = role;
    options.sessions_max = cap;
    options.params = [this](Deadline) -> Result<session::ConnectParams> { return params; };
  }
  std::shared_ptr<Pool> Make() { return Pool::Create(options, {*factory, *ledger, Clock::System()}); }
  static Deadline In(milliseconds wait) { return Deadline::After(Clock::System(), wait); }
  std::string Count() const {
    return postgres.Psql(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", options.connection_name));
  }
  std::size_t Refused() const {
    const std::string text = postgres.LogText();
    const std::string line = fmt::format("too many connections for role \"{}\"", options.connection_name);
    std::size_t count = 0;
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++count;
    return count;
  }

  test::TempPostgres& postgres;
  session::ConnectParams params;
  PoolOptions options;
  std::unique_ptr<session::SessionFactory> factory = session::MakeLibpqFactory(Clock::System());
  std::unique_ptr<SlotLedger> ledger = MakeLocalLedger();
};

// Runs `sql` to its end; the first field of the last row.
Result<std::string> Run(session::Session& session, std::string_view sql) {
  auto outcome = session.Execute(sql, {}, LivePool::In(seconds(60)));
  if (!outcome.ok()) return std::move(outcome).TakeError();
  std::string field;
  for (;;) {
    auto row = outcome.value()->Next();
    if (!row.ok()) return std::move(row).TakeError();
    if (row.value() && !row.value()->empty()) field = row.value()->front().value_or("");
    if (row.value()) continue;
    auto more = outcome.value()->NextResult();
    if (!more.ok()) return std::move(more).TakeError();
    if (!more.value()) return field;
  }
}

// One use, ended in one of the ways there are.
void Use(Lease lease, std::minstd_rand& random, std::atomic<int>& wrong) {
  // Nothing of an earlier holder is to be seen.
  auto clean = Run(*lease, "SELECT current_setting('search_path')");
  if (!clean.ok() || clean.value() == "nowhere") ++wrong;
  switch (random() % 8) {
    case 0:
      lease.Discard();
      break;
    case 1:
      if (!Run(*lease, "SET search_path = nowhere").ok()) ++wrong;
      break;
    case 2:
      if (!Run(*lease, "BEGIN; SET LOCAL search_path = nowhere").ok()) ++wrong;
      break;
    case 3:
      if (!Run(*lease, "CREATE TEMPORARY TABLE left_behind (a int)").ok()) ++wrong;
      break;
    case 4: {  // rows not read to the end
      auto outcome = lease->Execute("SELECT generate_series(1, 100000)", {}, LivePool::In(seconds(60)));
      if (!outcome.ok() || !outcome.value()->Next().ok()) ++wrong;
      break;
    }
    case 5:
      if (Run(*lease, "SELECT 1 / 0").ok()) ++wrong;
      break;
    default:
      break;
  }
}

TEST_CASE("16 threads on a cap of 7, sessions ended in every way: the server refuses no login") {
  LivePool live("pool_hammer", 7, 7);
  auto pool = live.Make();
  {
    std::vector<Lease> all;
    for (int i = 0; i < 7; ++i) {
      auto lease = pool->Acquire(LivePool::In(seconds(60)));
      if (!lease.ok()) FAIL(lease.error().message);
      all.push_back(std::move(lease).value());
    }
    CHECK(live.Count() == "7\n");
  }
  constexpr int kUses = 40;
  std::atomic<int> served{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(static_cast<unsigned>(t + 1));
      for (int i = 0; i < kUses; ++i) {
        auto lease = pool->Acquire(LivePool::In(seconds(60)));
        if (!lease.ok()) continue;
        ++served;
        Use(std::move(lease).value(), random, wrong);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(served == 16 * kUses);
  CHECK(wrong == 0);
  CHECK(pool->Stats().no_room_total == 0);
  CHECK(pool->Close(LivePool::In(seconds(60))).ok());
  CHECK(live.Count() == "0\n");
  CHECK(live.Refused() == 0);
}

TEST_CASE("strangers use up the server's room: waited out; the timeout says so; the room is taken when they go") {
  LivePool live("pool_room", 3, 5);
  auto pool = live.Make();
  auto stranger = live.factory->Open(live.params, LivePool::In(seconds(60)), nullptr);
  REQUIRE(stranger.ok());
  auto one = pool->Acquire(LivePool::In(seconds(60)));
  auto two = pool->Acquire(LivePool::In(seconds(60)));
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  const auto three = pool->Acquire(LivePool::In(milliseconds(300)));
  REQUIRE_FALSE(three.ok());
  CHECK(three.error().code == ErrorCode::kResourceExhausted);
  // Redshift tells the limit to superusers alone.
  const std::string limit =
      test::TempPostgres::HasRedshiftManners()
          ? " while Berth holds 2 of 5"
          : "the server refused the login (limit 3 of user pool_room) while Berth holds 2 of 5: 1 "
            "session is not Berth's";
  CHECK(three.error().message.find(limit) != std::string::npos);
  CHECK(pool->Stats().no_room_total > 0);
  CHECK(live.Refused() > 0);
  stranger.value().reset();
  CHECK(pool->Acquire(LivePool::In(seconds(60))).ok());
}

TEST_CASE("a wrong password: told at once, tried three times and no more") {
  LivePool live("pool_password", 5, 5);
  live.params.password = Secret("pool-secret-2");
  auto pool = live.Make();
  for (int i = 0; i < 3; ++i) {
    const auto refused = pool->Acquire(LivePool::In(seconds(60)));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().Sqlstate() == "28P01");
    CHECK(refused.error().message.find("pool-secret-2") == std::string::npos);
  }
  const auto suspended = pool->Acquire(LivePool::In(seconds(60)));
  REQUIRE_FALSE(suspended.ok());
  CHECK(suspended.error().message.find("is suspended: 3 refused logins (28P01)") != std::string::npos);
}

TEST_CASE("the server crashes and comes back: idle sessions are replaced without an error") {
  LivePool live("pool_crash", 2, 2);
  auto pool = live.Make();
  {
    REQUIRE(pool->Acquire(LivePool::In(seconds(60))).ok());
  }
  live.postgres.Psql("CHECKPOINT");  // or the role is lost: the server runs without fsync
  live.postgres.Stop();
  CHECK(pool->Acquire(LivePool::In(seconds(60))).error().code == ErrorCode::kUnavailable);
  live.postgres.Start();
  auto lease = pool->Acquire(LivePool::In(seconds(60)));
  if (!lease.ok()) FAIL(lease.error().message);
  CHECK(Run(*lease.value(), "SELECT 7").value() == "7");
}

}  // namespace
}  // namespace berth::pool
