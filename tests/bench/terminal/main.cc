// The program behind `./dev bench terminal`: the shell at a terminal beside psql. What must hold stands in
// ../README.md.
#include <fmt/core.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "bench/program.h"
#include "bench/report.h"
#include "bench/series.h"
#include "bench/terminal/pty.h"
#include "berth/deadline.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::bench {
namespace {

constexpr const char* kPsql = "/usr/lib/postgresql/15/bin/psql";
constexpr std::size_t kStarts = 41;
constexpr std::size_t kKeys = 400;
constexpr std::size_t kLineKeys = 40;  // of each; then the line is emptied
constexpr double kEchoMsMax = 10;

// Logins need no password, for both sides: its hash takes longer than all else that a start does.
struct Warehouse {
  test::TempPostgres server;
  test::TempDir home;
  std::vector<std::string> environment;
  std::vector<std::string> berth{BERTH_PROGRAM, "-C", "bench"};
  std::vector<std::string> psql{kPsql};

  Warehouse() {
    const std::string hba = server.Psql("show hba_file");
    server.Psql("copy (select 'host all all 127.0.0.1/32 trust') to '" + hba.substr(0, hba.find('\n')) + "'");
    server.Psql("select pg_reload_conf()");
    environment = {"PATH=/usr/bin:/bin",
                   "LC_ALL=C.UTF-8",
                   "TERM=xterm",
                   "HOME=" + home.path().string(),
                   "BERTH_CATALOG=sqlite:" + (home / "catalog.db"),
                   "PGHOST=" + server.host(),
                   "PGPORT=" + std::to_string(server.port()),
                   "PGUSER=" + server.user(),
                   "PGDATABASE=" + server.database()};
    RunProgram({BERTH_PROGRAM, "-c",
                fmt::format("CREATE REDSHIFT CONNECTION bench CONNECTION_STRING = '{}' USER_NAME = '{}' PASSWORD = ENV "
                            "'HOME'",
                            server.JdbcUrl(), server.user())},
               environment);
  }
};

void AwaitPrompt(Pty& terminal) {
  terminal.Await({"=> ", "=# "});
}

void Starts(const Warehouse& warehouse) {
  const auto start = [&](const std::vector<std::string>& arguments) {
    return [&warehouse, arguments] {
      const auto began = Clock::System().Now();
      Pty terminal(arguments, warehouse.environment);
      AwaitPrompt(terminal);
      const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
      return took.count();
    };
  };
  std::vector<Contestant> all{{.name = "psql", .measure = start(warehouse.psql)},
                              {.name = "berth -C bench", .measure = start(warehouse.berth)}};
  Interleave(all, kStarts);
  Print("Start to prompt; psql logs in before it, berth with the first statement\n" + Table(all, "ms"));
  Print(Verdict({.what = "time beside psql's",
                 .value = all[1].series.Median() / all[0].series.Median(),
                 .bar = 1,
                 .bound = Bound::kAtMost}) +
        "\n");
}

// While this lives the server's list of columns is locked, for at most kLockSeconds: what completion asks for hangs.
class Locked {
 public:
  static constexpr int kLockSeconds = 12;

  explicit Locked(const Warehouse& warehouse) {
    const std::string mark = "/tmp/" + warehouse.home.path().filename().string() + ".locked";  // the server writes it
    thread_ = std::jthread([this, &warehouse, mark] {
      warehouse.server.Psql(
          fmt::format("begin; lock table pg_catalog.pg_attribute in access exclusive mode; "
                      "copy (select 1) to '{}'; select pg_sleep({})",
                      mark, kLockSeconds));
      over_ = true;
    });
    while (!std::filesystem::exists(mark)) {
      if (over_) throw std::runtime_error("the lock did not come");
      RunProgram({"/usr/bin/sleep", "0.01"}, {});
    }
    std::filesystem::remove(mark);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() = default;
  bool over() const { return over_; }

 private:
  std::atomic<bool> over_ = false;
  std::jthread thread_;
};

void Echo(const Warehouse& warehouse) {
  Pty psql(warehouse.psql, warehouse.environment);
  AwaitPrompt(psql);
  Pty berth(warehouse.berth, warehouse.environment);
  AwaitPrompt(berth);
  berth.Type("select 1;\r");  // from here on it has a session, on which completion asks
  AwaitPrompt(berth);
  const Locked locked(warehouse);
  berth.Type("\\echo again\r");  // after a command the names are fetched anew
  AwaitPrompt(berth);
  std::size_t key = 0;
  const auto echo = [&key](Pty& terminal) {
    return [&key, &terminal] {
      if (key++ % (2 * kLineKeys) < 2) terminal.Type("\x15");  // both have their turn
      return terminal.KeyToEcho(static_cast<char>('a' + key % 26));
    };
  };
  std::vector<Contestant> all{{.name = "psql, which fetches nothing", .measure = echo(psql)},
                              {.name = "berth, while completion fetches", .measure = echo(berth)}};
  Interleave(all, kKeys);
  if (locked.over()) throw std::runtime_error("the keys took longer than the lock was held");
  Print(fmt::format("Key to echo, {} keys each\n", kKeys) + Table(all, "ms"));
  Print(Verdict({.what = "ms, the 99th of 100 keys",
                 .value = all[1].series.Quantile(0.99),
                 .bar = kEchoMsMax,
                 .bound = Bound::kAtMost}));
  Print(
      Verdict(
          {.what = "ms, the slowest", .value = all[1].series.Quantile(1), .bar = kEchoMsMax, .bound = Bound::kAtMost}) +
      "\n");
}

void Main() {
  Print(fmt::format("berth     {} {}\ncompiler  {}\npsql      {}\nmachine   {}\n\n",
                    FirstLine({BERTH_PROGRAM, "--version"}), Variable("BERTH_BENCH_COMMIT"), BERTH_COMPILER,
                    FirstLine({kPsql, "--version"}), Variable("BERTH_BENCH_MACHINE")));
  Calibrate();
  const Warehouse warehouse;
  Starts(warehouse);
  Echo(warehouse);
}

}  // namespace
}  // namespace berth::bench

int main() {
  try {
    berth::bench::Main();
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench: {}\n", e.what());
    return 1;
  }
}
