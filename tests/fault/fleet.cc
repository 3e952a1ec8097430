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

namespace berth::test {

bool Soaking() {
  const char* soak = std::getenv("BERTH_SOAK");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return soak != nullptr && *soak == '1';
}
milliseconds Duration() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSlower = 3;
#else
  constexpr int kSlower = 1;
#endif
  return Soaking() ? seconds(30) : kSlower * milliseconds(2'500);
}
std::size_t Processes() {
  return Soaking() ? 8 : 4;
}
int Threads() {
  return Soaking() ? 16 : 6;
}

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
  const std::string threads = std::to_string(Threads());
  const std::string worker = FaultWorker();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::execl(worker.c_str(), worker.c_str(), folder_.c_str(), connections_.c_str(), threads.c_str(), sql_.c_str(),
            nullptr);
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
    REQUIRE(std::sscanf(text.c_str(), "%d %d %ld %ld %d", &report.least, &report.most, &report.total, &report.failed,
                        &report.late) == 5);
    report.errors = text.substr(line + 1);
    reports.push_back(std::move(report));
  }
  workers_.clear();
  return reports;
}

FaultFixture::FaultFixture(FaultOptions given)
    : options(std::move(given)),
      postgres(TempPostgres::Shared()),
      observer(postgres, options.role),
      fleet(dir.path().string(), options.connections, options.sql) {
  postgres.Psql(
      fmt::format("DROP ROLE IF EXISTS {0}; CREATE ROLE {0} LOGIN PASSWORD 'fault-secret-1' CONNECTION LIMIT {1}",
                  options.role, options.limit));
  postgres.Psql("CHECKPOINT");  // so that the role outlives a crash
  engine = OpenEngine();
  std::string url = postgres.JdbcUrl();
  if (options.port != 0) {
    const std::string port = fmt::format(":{}/", postgres.port());
    url.replace(url.find(port), port.size(), fmt::format(":{}/", options.port));
  }
  const bool several = options.connections.find(',') != std::string::npos;
  if (several) Run(fmt::format("CREATE CONNECTION GROUP wh MAX_CONCURRENT_CONNECTIONS = {}", options.cap));
  std::string names = options.connections + ",";
  for (std::size_t at = 0; (at = names.find(',')) != std::string::npos; names.erase(0, at + 1)) {
    Run(
        fmt::format("CREATE REDSHIFT CONNECTION {} CONNECTION_STRING = '{}' USER_NAME = '{}' "
                    "PASSWORD = 'fault-secret-1' MAX_CONCURRENT_CONNECTIONS = {}{}",
                    names.substr(0, at), url, options.role, options.cap, several ? " GROUP = wh" : ""));
  }
  for (std::size_t i = 0; options.start && i < Processes(); ++i) fleet.Start();
}

std::unique_ptr<Engine> FaultFixture::OpenEngine() const {
  auto opened = Engine::Open({.catalog_uri = "sqlite:" + dir.path().string() + "/catalog.db", .program = "fault"});
  if (!opened.ok()) FAIL(opened.error().message);
  return std::move(opened).value();
}

void FaultFixture::Run(const std::string& sql) const {
  auto rows = engine->Execute(sql, "", {}, Deadline::After(Clock::System(), seconds(30)));
  if (!rows.ok()) FAIL(rows.error().message);
}

int FaultFixture::Refused() const {
  const std::string text = postgres.LogText();
  const std::string line = fmt::format("too many connections for role \"{}\"", options.role);
  int count = 0;
  for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++count;
  return count;
}

void FaultFixture::CheckNoneLost(std::size_t cap) const {
  struct stat facts{};
  REQUIRE(::stat((dir / "catalog.db").c_str(), &facts) == 0);
  auto ledger = pool::MakeHostLedger({.folder = dir.path().string() + "/catalog.db.slots", .catalog_id = facts.st_ino});
  std::vector<pool::Slot> slots;
  for (;;) {
    auto slot = ledger->TryTake({.connection_id = 1, .cap = cap, .version = 1'000'000});
    REQUIRE(slot.ok());
    if (!slot.value()) break;
    slots.push_back(std::move(*slot.value()));
  }
  CHECK(slots.size() == cap);
}

void CheckServed(const std::vector<WorkerReport>& reports, bool without_error) {
  long total = 0;
  std::string each;
  long least = reports.front().total;
  for (const WorkerReport& report : reports) {
    total += report.total;
    each += fmt::format(" {}", report.total);
    least = std::min(least, report.total);
    CHECK(report.least > 0);  // every thread had its turn
    CHECK(report.late == 0);
    if (without_error) CHECK(report.errors == "");
    CHECK(report.errors.find("53300") == std::string::npos);
  }
  // At the start some come first; in the long run each has its share.
  if (Soaking() && without_error) CHECK(2 * least * static_cast<long>(reports.size()) >= total);
  MESSAGE(fmt::format("{} statements ({}), the least of a process {:.2f} of its equal share", total, each.substr(1),
                      static_cast<double>(least) * static_cast<double>(reports.size()) / static_cast<double>(total)));
}

}  // namespace berth::test
