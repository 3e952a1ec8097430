#include <fmt/core.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "fleet.h"
#include "pool/pool_set.h"

// Three connections on one role, in a group. At the pools' own level: each process has the three of them.
namespace berth::test {
namespace {

constexpr std::size_t kConnections = 3;
constexpr std::size_t kCap = 7;

// What a process tells when it ends.
struct GroupReport {
  std::array<long, kConnections> served{};
  int least = 0;  // of one thread
  long failed = 0;
};

struct Member {
  session::ConnectParams params;
  std::string folder;
  std::array<std::size_t, kConnections> reserved{};

  pool::PoolOptions Options(std::size_t connection) const {
    pool::GroupShare share{.group_id = 1, .name = "wh", .version = 1, .cap = kCap, .reserved = reserved[connection]};
    for (std::size_t i = 0; i < kConnections; ++i) {
      share.reserved_total += reserved[i];
      if (i < connection) share.reserved_before += reserved[i];
    }
    pool::PoolOptions options;
    options.connection_id = static_cast<std::int64_t>(connection) + 1;
    options.connection_name = fmt::format("c{}", connection);
    options.sessions_max = kCap;
    options.group = share;
    options.params = [this](Deadline) -> Result<session::ConnectParams> { return params; };
    return options;
  }

  static bool RunOnce(pool::Pool& pool) {
    const Deadline deadline = Deadline::After(Clock::System(), seconds(20));
    auto lease = pool.Acquire(deadline);
    if (!lease.ok()) return false;
    auto outcome = lease.value()->Execute("SELECT pg_sleep(0.002)", {}, deadline);
    if (!outcome.ok()) return false;
    auto row = outcome.value()->Next();
    return row.ok() && row.value() && outcome.value()->Next().ok();
  }

  GroupReport Work(milliseconds time) const {
    const auto factory = session::MakeLibpqFactory(Clock::System());
    const auto ledger = pool::MakeHostLedger({.folder = folder, .program = "group"});
    pool::PoolSet pools({*factory, *ledger, Clock::System()});
    std::atomic<bool> stop{false};
    std::atomic<long> failed{0};
    std::vector<std::atomic<int>> counts(static_cast<std::size_t>(Threads()));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      threads.emplace_back([&, i, pool = pools.Get(Options(i % kConnections))] {
        while (!stop) RunOnce(*pool) ? ++counts[i] : ++failed;
      });
    }
    ::poll(nullptr, 0, static_cast<int>(time.count()));
    stop = true;
    for (auto& thread : threads) thread.join();
    GroupReport report{.least = *std::min_element(counts.begin(), counts.end()), .failed = failed};
    for (std::size_t i = 0; i < counts.size(); ++i) report.served[i % kConnections] += counts[i];
    return report;
  }
};

struct GroupRun {
  std::vector<GroupReport> reports;
  int most = 0;
};

// Each process is a fork of this one, which has no threads and no session of its own.
GroupRun Run(const Member& member, const TempPostgres& postgres) {
  GroupRun run;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::vector<pid_t> children;
  for (std::size_t i = 0; i < Processes(); ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    const GroupReport report = member.Work(Duration());
    ::_exit(::write(ends[1], &report, sizeof report) == sizeof report ? 0 : 1);
  }
  ::close(ends[1]);
  {
    Observer observer(postgres, member.params.user);
    const Deadline end = Deadline::After(Clock::System(), Duration());
    while (!end.Passed(Clock::System())) {
      run.most = std::max(run.most, observer.Count());
      ::poll(nullptr, 0, 5);
    }
  }
  for (GroupReport report; ::read(ends[0], &report, sizeof report) == sizeof report;) run.reports.push_back(report);
  ::close(ends[0]);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  return run;
}

void CheckGroup(const std::string& role, const std::array<std::size_t, kConnections>& reserved) {
  TempPostgres& postgres = TempPostgres::Shared();
  postgres.Psql(fmt::format(
      "DROP ROLE IF EXISTS {0}; CREATE ROLE {0} LOGIN PASSWORD 'fault-secret-1' CONNECTION LIMIT {1}", role, kCap));
  const TempDir dir;
  Member member{.folder = dir / "slots", .reserved = reserved};
  member.params.host = postgres.host();
  member.params.port = postgres.server_port();
  member.params.database = postgres.database();
  member.params.user = role;
  member.params.password = Secret("fault-secret-1");
  member.params.sslmode = "disable";
  const GroupRun run = Run(member, postgres);
  CHECK(run.most == kCap);
  REQUIRE(run.reports.size() == Processes());
  std::array<long, kConnections> served{};
  for (const GroupReport& report : run.reports) {
    CHECK(report.failed == 0);
    CHECK(report.least > 0);
    for (std::size_t i = 0; i < kConnections; ++i) served[i] += report.served[i];
  }
  MESSAGE(fmt::format("{} statements: {}, {}, {}", served[0] + served[1] + served[2], served[0], served[1], served[2]));
  const long least = *std::min_element(served.begin(), served.end());
  if (Soaking() && reserved == decltype(reserved){}) {
    CHECK(2 * static_cast<long>(kConnections) * least >= served[0] + served[1] + served[2]);
  }
  CHECK(postgres.LogText().find(fmt::format("too many connections for role \"{}\"", role)) == std::string::npos);
}

TEST_CASE("three connections of a group on one role: its cap is what the server sees, and it refuses none") {
  CheckGroup("fault_group", {});
}

TEST_CASE("the same with slots reserved for two of them") {
  CheckGroup("fault_reserved", {2, 1, 0});
}

TEST_CASE("a group made with SQL, over processes that come and go: its cap holds, and its alteration as well") {
  FaultFixture f({.role = "fault_sql_group", .limit = 7, .cap = 7, .connections = "sales,etl,bi"});
  CHECK(f.WatchOnly() == 7);
  std::size_t next = 0;
  CHECK(f.Watch(milliseconds(300), [&] { f.fleet.Replace(next++ % (Processes() - 1)); }) <= 7);
  f.Run("ALTER CONNECTION GROUP wh SET MAX_CONCURRENT_CONNECTIONS = 3");
  ::poll(nullptr, 0, 1'500);  // real processes: nothing here tells when the last one has heard of it
  CHECK(f.WatchOnly() <= 3);
  const auto reports = f.fleet.Finish();
  for (const WorkerReport& report : reports) CHECK(report.errors == "");
  CHECK(reports.back().total > 0);
}

}  // namespace
}  // namespace berth::test
