#include <random>

#include <doctest/doctest.h>

#include "fleet.h"
#include "support/fault_proxy.h"

namespace berth::test {
namespace {

Fault Draw(std::minstd_rand& random, std::size_t bytes_most) {
  return {.kind = random() % 2 == 0 ? Fault::Kind::kDrop : Fault::Kind::kReset,
          .way = random() % 2 == 0 ? Fault::Way::kToServer : Fault::Way::kToClient,
          .after = random() % bytes_most};
}

// Every statement draws a number at the server, so that it can tell how many it has run.
TEST_CASE("the network drops links at any byte: never above the cap, and each failure is told") {
  TempPostgres& postgres = TempPostgres::Shared();
  FaultProxy proxy(postgres.server_port());
  postgres.Psql("DROP SEQUENCE IF EXISTS fault_runs; CREATE SEQUENCE fault_runs; GRANT ALL ON fault_runs TO public");
  FaultFixture f(
      {.role = "fault_network", .port = proxy.port(), .sql = "SELECT pg_sleep(0.002), nextval('fault_runs')"});
  std::minstd_rand random(20'261'122);
  const int most = f.Watch(milliseconds(60), [&] {
    proxy.OnOpenLinks(Draw(random, 3'000));
    // Some logins fail too, at any of their bytes.
    proxy.OnNewLinks(random() % 4 == 0 ? Draw(random, 2'000) : Fault{});
  });
  CHECK(most <= 7);
  proxy.OnNewLinks({});
  const auto reports = f.fleet.Finish();
  long served = 0;
  long failed = 0;
  for (const WorkerReport& report : reports) {
    served += report.total;
    failed += report.failed;
    CHECK(report.late == 0);
    CHECK(report.errors.find("53300") == std::string::npos);
  }
  const long ran = std::stol(postgres.Psql("SELECT last_value FROM fault_runs"));
  CHECK(served > 0);
  CHECK(failed > 0);
  CHECK(served <= ran);
  CHECK(ran <= served + failed);
  MESSAGE(fmt::format("{} statements, {} failed, {} run by the server, {} logins refused behind the scenes", served,
                      failed, ran, f.Refused()));
  f.CheckNoneLost(7);
}

}  // namespace
}  // namespace berth::test
