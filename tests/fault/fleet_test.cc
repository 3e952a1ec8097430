#include "fleet.h"

#include <signal.h>

#include <doctest/doctest.h>

// The oracle is the server: it counts a role's sessions itself, and refuses those above its CONNECTION LIMIT.
namespace berth::test {
namespace {

TEST_CASE(
    "many threads of many processes on a cap of 7: the server refuses none, the cap is reached, all have their turn") {
  FaultFixture f({.role = "fault_plain", .limit = 7, .cap = 7});
  CHECK(f.WatchOnly() == 7);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(7);
}

TEST_CASE("one is killed every 200 ms: no caller hears of a refused login, and no slot is lost") {
  FaultFixture f({.role = "fault_killed", .limit = 7, .cap = 7});
  std::size_t next = 0;
  CHECK(f.Watch(milliseconds(200), [&] { f.fleet.Replace(next++ % (Processes() - 1)); }) <= 7);
  const auto reports = f.fleet.Finish();
  for (const WorkerReport& report : reports) CHECK(report.errors == "");
  CHECK(reports.back().total > 0);
  MESSAGE(fmt::format("{} killed, {} logins refused behind the scenes", next, f.Refused()));
  f.CheckNoneLost(7);
}

TEST_CASE("one is stopped for a while: it keeps its slots, the others go on") {
  FaultFixture f({.role = "fault_stopped", .limit = 7, .cap = 7});
  std::size_t turn = 0;
  CHECK(f.Watch(milliseconds(700), [&] { f.fleet.Signal(0, turn++ % 2 == 0 ? SIGSTOP : SIGCONT); }) <= 7);
  f.fleet.Signal(0, SIGCONT);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(7);
}

TEST_CASE("the cap is altered 7, 3, 11: never above the one in force, once those above it have ended") {
  FaultFixture f({.role = "fault_altered", .limit = 11, .cap = 7});
  CHECK(f.WatchOnly() <= 7);
  f.Run("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 3");
  ::poll(nullptr, 0, 1'500);  // real processes: nothing here tells when the last one has heard of it
  CHECK(f.observer.Count() <= 3);
  f.postgres.Psql("ALTER ROLE fault_altered CONNECTION LIMIT 3");
  CHECK(f.WatchOnly() <= 3);
  f.postgres.Psql("ALTER ROLE fault_altered CONNECTION LIMIT 11");
  f.Run("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 11");
  const int most = f.WatchOnly();
  CHECK(most <= 11);
  CHECK(most > 7);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(11);
}

TEST_CASE("the server restarts: who was cut off is told, and all go on afterwards") {
  FaultFixture f({.role = "fault_restart", .limit = 7, .cap = 7});
  f.WatchOnly();
  f.postgres.Stop();
  f.postgres.Start();
  CHECK(f.WatchOnly() <= 7);
  CheckServed(f.fleet.Finish(), /*without_error=*/false);
  f.CheckNoneLost(7);
}

}  // namespace
}  // namespace berth::test
