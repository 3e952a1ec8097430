#include <signal.h>

#include <string>

#include <doctest/doctest.h>

#include "child.h"
#include "warehouse.h"

namespace berth::test {
namespace {

TEST_CASE("berth jobs: what it takes, and what it refuses") {
  const Home home;
  const auto help = Run(home, {"jobs", "--help"});
  CHECK(help.status == 0);
  CHECK(help.output.starts_with("berth jobs run"));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"jobs"},
                                             {"jobs", "walk"},
                                             {"jobs", "run", "--jobs", "0"},
                                             {"jobs", "run", "--jobs", "257"},
                                             {"jobs", "run", "--drain", "soon"},
                                             {"jobs", "run", "--often"}}) {
    CAPTURE(arguments.back());
    const auto refused = Run(home, arguments);
    CHECK(refused.status == 2);
    CHECK(refused.error.find("berth jobs --help") != std::string::npos);
  }
  CHECK(Run(home, {"jobs", "run", "--catalog", "sqlite:/proc/nothing/c.db"}).status == 3);
}

TEST_CASE("berth jobs run: a job runs when it is due, a failing one is tried again, and SIGTERM ends it") {
  auto& server = TempPostgres::Shared();
  server.Psql("DROP TABLE IF EXISTS due; CREATE TABLE due (at timestamptz)");
  const HomeWithConnection home;
  const auto made =
      Run(home, {"-c",
                 "CREATE JOB good CONNECTION = etl RUN_INTERVAL = 1 SECOND AS INSERT INTO due VALUES (now());"
                 "CREATE JOB bad CONNECTION = etl RUN_INTERVAL = 5 SECONDS RETRIES = 2 RETRY_DELAY = '200ms' "
                 "AS SELECT 1 / 0;"
                 "CREATE JOB resting CONNECTION = etl RUN_INTERVAL = 1 SECOND AS DELETE FROM due;"
                 "PAUSE JOB resting"});
  REQUIRE_MESSAGE(made.status == 0, made.error);
  Child child(home, {.arguments = {"jobs", "run"}});
  child.AwaitError("berth runs the jobs of sqlite:");
  child.AwaitError("job good: run");
  // What is made while it runs counts as well.
  CHECK(Run(home, {"-c", "CREATE JOB late CONNECTION = etl RUN_INTERVAL = 1 SECOND AS SELECT 1"}).status == 0);
  child.AwaitError("job late: run");
  child.AwaitError("(attempt 1) failed: division by zero");
  child.AwaitError("(attempt 2) failed: division by zero");
  child.AwaitError("(attempt 3) failed: division by zero");
  CHECK(Run(home, {"-c", "PAUSE JOB good"}).status == 0);
  child.Signal(SIGTERM);
  CHECK(child.Wait() == 0);
  const auto runs = Run(home, {"-o", "plain", "-c",
                               "SELECT DISTINCT job, state FROM system.information_schema.job_runs WHERE job <> 'bad' "
                               "ORDER BY 1, 2"});
  CHECK(runs.output == "good\tsucceeded\nlate\tsucceeded\n");
  CHECK(std::stoi(server.Psql("SELECT count(*) FROM due")) >= 1);
}

TEST_CASE("berth serve runs jobs as well") {
  auto& server = TempPostgres::Shared();
  server.Psql("DROP TABLE IF EXISTS served; CREATE TABLE served (at timestamptz)");
  const HomeWithConnection home;
  REQUIRE(
      Run(home, {"-c", "CREATE JOB j CONNECTION = etl RUN_INTERVAL = 1 SECOND AS INSERT INTO served VALUES (now())"})
          .status == 0);
  const std::vector<std::string> serve = {"serve", "--auth", "none", "--listen", "127.0.0.1:0"};
  {
    Child child(home, {.arguments = serve});
    child.AwaitError("berth serves");
    Until([&] { return server.Psql("SELECT count(*) > 0 FROM served") == "t\n"; });
    child.Signal(SIGTERM);
    CHECK(child.Wait() == 0);
  }
  auto without = serve;
  without.insert(without.end(), {"--jobs", "0"});
  server.Psql("TRUNCATE served");
  Child child(home, {.arguments = without});
  child.AwaitError("berth serves");
  CHECK(Run(home, {"-c", "RUN JOB j"}).status == 0);
  child.Signal(SIGTERM);
  CHECK(child.Wait() == 0);
  CHECK(server.Psql("SELECT count(*) FROM served") == "1\n");
  CHECK(Run(home, {"serve", "--auth", "none", "--jobs", "many"}).status == 2);
}

}  // namespace
}  // namespace berth::test
