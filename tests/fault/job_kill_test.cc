#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "berth/deadline.h"
#include "cli/warehouse.h"

// Several `berth jobs run` on one catalog, of which one after the other is killed with -9: each tick is run once, and
// what is recorded of it is true.
namespace berth {
namespace {

using test::Child;
using test::HomeWithConnection;
using test::Run;

constexpr int kProcesses = 3;
constexpr std::chrono::milliseconds kBetween{500};

// How often; BERTH_TEST_KILLS says it otherwise.
int Kills() {
  const char* const text = ::getenv("BERTH_TEST_KILLS");
  return text == nullptr ? 12 : std::stoi(text);
}

// Lets real time pass: what is killed is another process, at a moment that no clock of ours turns.
void Pass(std::chrono::milliseconds time) {
  const Clock& clock = Clock::System();
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto until = clock.Now() + time;
  while (clock.Now() < until) clock.WaitUntil(never, lock, until);
}

std::string Ask(const HomeWithConnection& home, const std::string& sql) {
  const auto ran = Run(home, {"-o", "plain", "-c", sql});
  REQUIRE_MESSAGE(ran.status == 0, ran.error);
  return ran.output;
}

std::unique_ptr<Child> Start(const HomeWithConnection& home) {
  return std::make_unique<Child>(home, Child::Options{.arguments = {"jobs", "run", "--jobs", "2"}});
}

int Number(const std::string& text) {
  return std::stoi(text.empty() ? "0" : text);
}

// The process that runs the job now.
std::unique_ptr<Child>& AtWork(const HomeWithConnection& home, std::vector<std::unique_ptr<Child>>& processes) {
  auto* found = &processes.front();
  test::Until([&] {
    const int pid = Number(Ask(home, "SELECT pid FROM system.information_schema.job_runs WHERE state = 'running'"));
    for (auto& process : processes) {
      if (process->pid() != pid) continue;
      found = &process;
      return true;
    }
    return false;
  });
  return *found;
}

TEST_CASE("jobs run in several processes, one after the other killed: each tick once, and the record is true") {
  auto& server = test::TempPostgres::Shared();
  server.Psql("DROP TABLE IF EXISTS job_log; CREATE TABLE job_log (began timestamptz, ended timestamptz)");
  const HomeWithConnection home;
  // One session at a time: what a dead process has left at the server is cancelled before the next begins.
  Ask(home,
      "ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 1;"
      "CREATE JOB tick CONNECTION = etl RUN_INTERVAL = 1 SECOND AS $$"
      " INSERT INTO job_log VALUES (clock_timestamp(), NULL);"
      " SELECT pg_sleep(0.5); UPDATE job_log SET ended = clock_timestamp() WHERE ended IS NULL $$");
  std::vector<std::unique_ptr<Child>> processes;
  for (int i = 0; i < kProcesses; ++i) processes.push_back(Start(home));
  std::mt19937 random(20261122);
  const auto began = Clock::System().Now();
  for (int i = 0; i < Kills(); ++i) {
    Pass(kBetween + std::chrono::milliseconds(random() % 300));
    auto& victim = i % 2 == 0 ? processes[random() % processes.size()] : AtWork(home, processes);
    victim->Signal(SIGKILL);
    CHECK(victim->Wait() == 128 + SIGKILL);
    victim = Start(home);
  }
  Pass(std::chrono::milliseconds(2'500));  // those that are left settle it
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::System().Now() - began).count();
  for (auto& process : processes) process->Signal(SIGTERM);
  for (auto& process : processes) CHECK(process->Wait() == 0);

  const std::string runs = "FROM system.information_schema.job_runs WHERE ";
  CHECK(Ask(home, "SELECT due_at, attempt, count(*) " + runs +
                      "state <> 'abandoned' GROUP BY 1, 2 HAVING count(*) > 1") == "");
  CHECK(Ask(home, "SELECT * " + runs + "state IN ('waiting', 'running')") == "");
  const int succeeded = Number(Ask(home, "SELECT count(*) " + runs + "state = 'succeeded'"));
  const int doubts = Number(Ask(home, "SELECT count(*) " + runs + "state = 'failed, in doubt'"));
  const int abandoned = Number(Ask(home, "SELECT count(*) " + runs + "state = 'abandoned'"));
  const int others = Number(Ask(home, "SELECT count(*) " + runs + "state = 'failed'"));
  const int rows = Number(server.Psql("SELECT count(*) FROM job_log"));
  MESSAGE(Kills(), " killed in ", took, " s: ", succeeded, " runs succeeded, ", doubts, " in doubt, ", abandoned,
          " abandoned, ", others, " failed; ", rows, " rows");
  CHECK(rows >= succeeded);
  CHECK(rows <= succeeded + doubts);
  CHECK(others == 0);
  CHECK(succeeded + doubts >= took / 2);  // whoever dies, the others go on
  CHECK(doubts >= 1);                     // otherwise nothing was killed in its midst
  // Nothing ran twice at a time, at the server.
  CHECK(server.Psql("SELECT count(*) FROM (SELECT began, lag(ended) OVER (ORDER BY began) AS before FROM job_log) AS l "
                    "WHERE began < before") == "0\n");
}

TEST_CASE("RUN JOB that is killed in its midst shows as failed, in doubt") {
  const HomeWithConnection home;
  Ask(home, "CREATE JOB slow CONNECTION = etl AS SELECT pg_sleep(600) AS job_that_dies");
  Child child(home, {.arguments = {"-c", "RUN JOB slow"}});
  test::Until([] { return test::Active("job_that_dies") == 1; });
  CHECK(Ask(home, "SELECT state " + std::string("FROM system.information_schema.job_runs")) == "running\n");
  CHECK(Ask(home, "SELECT state FROM system.information_schema.jobs") == "running\n");
  const auto again = Run(home, {"-c", "RUN JOB slow"});
  CHECK(again.status == 1);
  CHECK(again.error.find("job slow runs now: it does not run twice at a time") != std::string::npos);
  child.Signal(SIGKILL);
  CHECK(child.Wait() == 128 + SIGKILL);
  CHECK(Ask(home, "SELECT state, sqlstate FROM system.information_schema.job_runs") == "failed, in doubt\t08007\n");
  CHECK(Ask(home, "SELECT state FROM system.information_schema.jobs") == "created, last run failed\n");
  // Seen by whoever looks, and recorded by the check.
  const auto check = Run(home, {"check"});
  const auto said = check.output + check.error;
  CHECK_MESSAGE(check.status == 0, said);
  CHECK(said.find("run 1 of job slow was cut off: its process ended") != std::string::npos);
  CHECK(Run(home, {"check"}).output.find("cut off") == std::string::npos);
}

}  // namespace
}  // namespace berth
