#include "fleet.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <doctest/doctest.h>

#include "berth/engine.h"
#include "pool/slot_ledger.h"
#include "support/places.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

// The oracle is the server: it counts a role's sessions itself, and refuses those above its CONNECTION LIMIT.
namespace berth::test {

Fleet::~Fleet() {
  for (const Worker& worker : workers_) {
    ::kill(worker.pid, SIGKILL);
    ::waitpid(worker.pid, nullptr, 0);
    ::close(worker.input);
    ::close(worker.output);
  }
}

Fleet::Worker Fleet::Launch() const {
  int in[2];
  int out[2];
  REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  const std::string threads = std::to_string(threads_);
  const std::string worker = test::FaultWorker();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::execl(worker.c_str(), worker.c_str(), folder_.c_str(), connection_.c_str(), threads.c_str(), nullptr);
    ::_exit(127);
  }
  REQUIRE(pid > 0);
  ::close(in[0]);
  ::close(out[1]);
  return {.pid = pid, .input = in[1], .output = out[0]};
}

void Fleet::Start() {
  workers_.push_back(Launch());
}

void Fleet::Signal(std::size_t worker, int number) const {
  ::kill(workers_.at(worker).pid, number);
}

void Fleet::Replace(std::size_t worker) {
  Worker& old = workers_.at(worker);
  ::kill(old.pid, SIGKILL);
  ::waitpid(old.pid, nullptr, 0);
  ::close(old.input);
  ::close(old.output);
  old = Launch();
}

std::vector<WorkerReport> Fleet::Finish() {
  std::vector<WorkerReport> reports;
  for (const Worker& worker : workers_) ::close(worker.input);
  for (const Worker& worker : workers_) {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(worker.output, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(worker.output);
    int status = 0;
    ::waitpid(worker.pid, &status, 0);
    CHECK(status == 0);
    WorkerReport report;
    const std::size_t line = text.find('\n');
    REQUIRE(line != std::string::npos);
    REQUIRE(std::sscanf(text.c_str(), "%d %d %ld", &report.least, &report.most, &report.total) == 3);
    report.errors = text.substr(line + 1);
    reports.push_back(std::move(report));
  }
  workers_.clear();
  return reports;
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kProcesses = 8;
constexpr int kThreads = 16;

milliseconds Duration() {
  const char* soak = std::getenv("BERTH_SOAK");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return soak != nullptr && *soak == '1' ? seconds(30) : seconds(4);
}

// One connection of the given cap on a role of the given limit.
struct FaultFixture {
  FaultFixture(const std::string& name, int limit, int cap) : role(name), postgres(TempPostgres::Shared()) {
    postgres.Psql(fmt::format(
        "DROP ROLE IF EXISTS {0}; CREATE ROLE {0} LOGIN PASSWORD 'fault-secret-1' CONNECTION LIMIT {1}", role, limit));
    postgres.Psql("CHECKPOINT");  // so that the role outlives a crash
    auto opened = Engine::Open({.catalog_uri = "sqlite:" + dir.path().string() + "/catalog.db", .program = "fault"});
    if (!opened.ok()) FAIL(opened.error().message);
    engine = std::move(opened).value();
    Run(
        fmt::format("CREATE REDSHIFT CONNECTION etl CONNECTION_STRING = '{}' USER_NAME = '{}' "
                    "PASSWORD = 'fault-secret-1' MAX_CONCURRENT_CONNECTIONS = {}",
                    postgres.JdbcUrl(), role, cap));
    for (std::size_t i = 0; i < kProcesses; ++i) fleet.Start();
  }
  void Run(const std::string& sql) const {
    auto rows = engine->Execute(sql, "", {}, Deadline::After(Clock::System(), seconds(30)));
    if (!rows.ok()) FAIL(rows.error().message);
  }
  int Open() const {
    return std::stoi(postgres.Psql(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", role)));
  }
  int Refused() const {
    const std::string text = postgres.LogText();
    const std::string line = fmt::format("too many connections for role \"{}\"", role);
    int count = 0;
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++count;
    return count;
  }
  // Calls `event` every `interval` for the case's duration, and looks at the server's count in between. The most.
  template <class Event>
  int Watch(milliseconds interval, const Event& event) const {
    int most = 0;
    const Deadline end = Deadline::After(Clock::System(), Duration());
    while (!end.Passed(Clock::System())) {
      const Deadline next = Deadline::After(Clock::System(), interval);
      do {
        most = std::max(most, Open());
        ::poll(nullptr, 0, 20);
      } while (!next.Passed(Clock::System()));
      event();
    }
    return most;
  }
  // All slots can be had again, and none is anybody's.
  void CheckNoneLost(std::size_t cap) const {
    auto ledger =
        pool::MakeHostLedger({.folder = dir.path().string() + "/catalog.db.slots", .catalog_id = CatalogId()});
    std::vector<pool::Slot> slots;
    for (;;) {
      auto slot = ledger->TryTake({.connection_id = 1, .cap = cap, .version = 1'000'000});
      REQUIRE(slot.ok());
      if (!slot.value()) break;
      slots.push_back(std::move(*slot.value()));
    }
    CHECK(slots.size() == cap);
  }
  std::uint64_t CatalogId() const {
    struct stat facts{};
    REQUIRE(::stat((dir / "catalog.db").c_str(), &facts) == 0);
    return facts.st_ino;
  }

  const std::string role;
  TempPostgres& postgres;
  TempDir dir;
  std::unique_ptr<Engine> engine;
  Fleet fleet{dir.path().string(), "etl", kThreads};
};

void CheckServed(const std::vector<WorkerReport>& reports, bool without_error = true) {
  long total = 0;
  std::string each;
  long least = reports.front().total;
  for (const WorkerReport& report : reports) {
    total += report.total;
    each += fmt::format(" {}", report.total);
    least = std::min(least, report.total);
    CHECK(report.least > 0);  // every thread had its turn
    if (without_error) CHECK(report.errors == "");
    CHECK(report.errors.find("53300") == std::string::npos);
  }
  // At the start some come first; in the long run each has its share.
  const bool long_run = Duration() >= seconds(30);
  if (long_run && without_error) CHECK(2 * least * static_cast<long>(reports.size()) >= total);
  MESSAGE(fmt::format("{} statements ({}), the least of a process {:.2f} of its equal share", total, each.substr(1),
                      static_cast<double>(least) * static_cast<double>(reports.size()) / static_cast<double>(total)));
}

TEST_CASE("8 processes of 16 threads on a cap of 7: the server refuses none, the cap is reached, all have their turn") {
  FaultFixture f("fault_plain", 7, 7);
  CHECK(f.Watch(milliseconds(500), [] {}) == 7);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(7);
}

TEST_CASE("one is killed every 200 ms: no caller hears of a refused login, and no slot is lost") {
  FaultFixture f("fault_killed", 7, 7);
  std::size_t next = 0;
  CHECK(f.Watch(milliseconds(200), [&] { f.fleet.Replace(next++ % (kProcesses - 1)); }) <= 7);
  const auto reports = f.fleet.Finish();
  for (const WorkerReport& report : reports) CHECK(report.errors == "");
  CHECK(reports.back().total > 0);
  MESSAGE(fmt::format("{} killed, {} logins refused behind the scenes", next, f.Refused()));
  f.CheckNoneLost(7);
}

TEST_CASE("one is stopped for a while: it keeps its slots, the others go on") {
  FaultFixture f("fault_stopped", 7, 7);
  std::size_t turn = 0;
  CHECK(f.Watch(milliseconds(700), [&] { f.fleet.Signal(0, turn++ % 2 == 0 ? SIGSTOP : SIGCONT); }) <= 7);
  f.fleet.Signal(0, SIGCONT);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(7);
}

TEST_CASE("the cap is altered 7, 3, 11: never above the one in force, once those above it have ended") {
  FaultFixture f("fault_altered", 11, 7);
  CHECK(f.Watch(milliseconds(500), [] {}) <= 7);
  f.Run("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 3");
  ::poll(nullptr, 0, 1'500);  // real processes: nothing here tells when the last one has heard of it
  CHECK(f.Open() <= 3);
  f.postgres.Psql("ALTER ROLE fault_altered CONNECTION LIMIT 3");
  CHECK(f.Watch(milliseconds(500), [] {}) <= 3);
  f.postgres.Psql("ALTER ROLE fault_altered CONNECTION LIMIT 11");
  f.Run("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 11");
  const int most = f.Watch(milliseconds(500), [] {});
  CHECK(most <= 11);
  CHECK(most > 7);
  CheckServed(f.fleet.Finish());
  CHECK(f.Refused() == 0);
  f.CheckNoneLost(11);
}

TEST_CASE("the server restarts: who was cut off is told, and all go on afterwards") {
  FaultFixture f("fault_restart", 7, 7);
  f.Watch(milliseconds(500), [] {});
  f.postgres.Stop();
  f.postgres.Start();
  CHECK(f.Watch(milliseconds(500), [] {}) <= 7);
  CheckServed(f.fleet.Finish(), /*without_error=*/false);
  f.CheckNoneLost(7);
}

}  // namespace
}  // namespace berth::test
