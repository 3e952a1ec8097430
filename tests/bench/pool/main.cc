// The program behind `./dev bench pool`. What each row must hold stands in ../README.md.
#include <fmt/core.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/pgbench.h"
#include "bench/pool/loads.h"
#include "bench/pool/peers.h"
#include "bench/pool/slots.h"
#include "bench/pool/stub.h"
#include "bench/report.h"
#include "bench/series.h"

namespace berth::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Plan {
  std::size_t rounds = 7;
  std::string only;  // empty: every part
};

double Ratio(const Series& of, const Series& to) {
  return of.Median() / to.Median();
}

void Head(const PoolWorld& world, const Measurer& hikari, const Measurer& tomcat) {
  Print(fmt::format("berth     {} {}\ncompiler  {}\n", BERTH_VERSION, Variable("BERTH_BENCH_COMMIT"), BERTH_COMPILER));
  Print(fmt::format("server    PostgreSQL {}", world.server().Psql("show server_version")));
  Print(fmt::format("peers     {}\n          {}\n          {}\n          {}\n", hikari.version(), tomcat.version(),
                    FirstLine({"/usr/sbin/pgbouncer", "--version"}),
                    FirstLine({"/usr/lib/postgresql/15/bin/pgbench", "--version"})));
  Print(fmt::format("machine   {}\n\n", Variable("BERTH_BENCH_MACHINE")));
  Calibrate();
}

// --- stub sessions ---

void Rates(Measurer& hikari, const Plan& plan) {
  struct Case {
    int threads, sessions;
    double bar;
  };
  for (const auto& [threads, sessions, bar] : {Case{1, 1, 3}, Case{8, 32, 4}, Case{32, 16, 0.85}}) {
    constexpr int kMs = 500;
    const std::string request = fmt::format("rate {} {} {}", threads, sessions, kMs);
    std::vector<Contestant> all{{.name = "HikariCP", .measure = [&] { return Ask(hikari, request)[0]; }},
                                {.name = "berth", .measure = [&, threads = threads, sessions = sessions] {
                                   const auto factory = StubFactory({});
                                   const auto ledger = pool::MakeLocalLedger();
                                   const auto size = static_cast<std::size_t>(sessions);
                                   const auto pool = OpenPool(*factory, *ledger, size, size);
                                   return Loop(threads, milliseconds(kMs), [&pool] { TakeAndReturn(*pool); });
                                 }}};
    Interleave(all, plan.rounds);
    Print(fmt::format("Acquire and release, stub sessions: {} threads on {}\n", threads, sessions) +
          Table(all, "microseconds"));
    Print(Verdict({.what = "speed of HikariCP's (informs)", .value = Ratio(all[0].series, all[1].series), .bar = bar}) +
          "\n");
  }
}

// --- waits ---

struct WaitSeries {
  Series p99, p999, fairness;
  double Add(const std::vector<double>& numbers) {
    p99.Add(numbers[0]);
    p999.Add(numbers[1]);
    fairness.Add(numbers[3]);
    return numbers[4];
  }
};

struct WaitCase {
  int threads, sessions;
  microseconds hold;
  Series WaitSeries::* decides;  // which quantile
  const char* quantile;
  double hikari_bar, tomcat_bar;
};

void WaitsOf(const WaitCase& wanted, Measurer& hikari, Measurer& tomcat, const Plan& plan) {
  constexpr int kMs = 2'000;
  const std::string request =
      fmt::format("wait {} {} {} {}", wanted.threads, wanted.sessions, wanted.hold.count(), kMs);
  WaitSeries hikari_waits;
  WaitSeries tomcat_waits;
  WaitSeries our_waits;
  std::vector<Contestant> all{
      {.name = "HikariCP", .measure = [&] { return hikari_waits.Add(Ask(hikari, request)); }},
      {.name = "Tomcat, fair queue", .measure = [&] { return tomcat_waits.Add(Ask(tomcat, request)); }},
      {.name = "berth", .measure = [&] {
         const auto factory = StubFactory({});
         const auto ledger = pool::MakeLocalLedger();
         const auto size = static_cast<std::size_t>(wanted.sessions);
         const auto pool = OpenPool(*factory, *ledger, size, size);
         const Waits waits = MeasureWaits(*pool, wanted.threads, wanted.hold, milliseconds(kMs));
         return our_waits.Add({waits.p99, waits.p999, waits.worst, waits.fairness, waits.loan});
       }}};
  Interleave(all, plan.rounds);
  Print(fmt::format("Waits: {} threads on {} sessions, held for {} microseconds\n", wanted.threads, wanted.sessions,
                    wanted.hold.count()) +
        Table(all, "microseconds a loan, over all threads"));
  Print(fmt::format("  {:<44} {:>10} {:>10} {:>10}\n", "wait for a session in microseconds, medians", "p99", "p99.9",
                    "fairness"));
  for (const auto& [name, waits] : {std::pair{"HikariCP", &hikari_waits},
                                    std::pair{"Tomcat, fair queue", &tomcat_waits}, std::pair{"berth", &our_waits}}) {
    Print(fmt::format("  {:<44} {:>10.1f} {:>10.1f} {:>10.3f}\n", name, waits->p99.Median(), waits->p999.Median(),
                      waits->fairness.Median()));
  }
  const auto decides = wanted.decides;
  const auto against = [&](const char* name, const WaitSeries& waits, double bar) {
    Print(Verdict({.what = fmt::format("{} of the wait beside {}", wanted.quantile, name),
                   .value = Ratio(our_waits.*decides, waits.*decides),
                   .bar = bar,
                   .bound = Bound::kAtMost}));
  };
  against("HikariCP's", hikari_waits, wanted.hikari_bar);
  against("Tomcat's", tomcat_waits, wanted.tomcat_bar);
  Print(Verdict({.what = "slowest to fastest thread", .value = our_waits.fairness.Median(), .bar = 0.95}) + "\n");
}

void Spikes(Measurer& hikari, Measurer& tomcat, const Plan& plan) {
  Series hikari_sessions;
  Series tomcat_sessions;
  Series our_sessions;
  const auto java = [](Measurer& peer, Series& sessions) {
    const auto numbers = Ask(peer, "spike");
    sessions.Add(numbers[1]);
    return numbers[0];
  };
  std::vector<Contestant> all{{.name = "HikariCP", .measure = [&] { return java(hikari, hikari_sessions); }},
                              {.name = "Tomcat", .measure = [&] { return java(tomcat, tomcat_sessions); }},
                              {.name = "berth", .measure = [&] {
                                 const Spike spike = MeasureSpike();
                                 our_sessions.Add(static_cast<double>(spike.sessions));
                                 return spike.ms;
                               }}};
  Interleave(all, plan.rounds);
  Print("Spike: 50 requests of 2 ms at once on 5 open sessions of 50, logins of 150 ms\n" + Table(all, "ms"));
  Print(fmt::format("  sessions at the end: HikariCP {:.0f}, Tomcat {:.0f}, berth {:.0f}\n", hikari_sessions.Median(),
                    tomcat_sessions.Median(), our_sessions.Median()));
  Print(Verdict({.what = "time beside HikariCP's",
                 .value = Ratio(all[2].series, all[0].series),
                 .bar = 1.1,
                 .bound = Bound::kAtMost}));
  Print(Verdict({.what = "sessions at the end", .value = our_sessions.Quantile(1), .bar = 6, .bound = Bound::kAtMost}) +
        "\n");
}

// --- a real server ---

// A pool of libpq's sessions to the world's server, all of them open. One for each round, as the other pools have it:
// on which processors the server's processes and the threads run is settled as they begin, and stays.
class ServerPool {
 public:
  ServerPool(const PoolWorld& world, std::size_t size) {
    session::ConnectParams params;
    params.host = world.server().host();
    params.port = world.server().port();
    params.database = world.server().database();
    params.user = world.server().user();
    params.sslmode = "disable";
    pool_ = OpenPool(*factory_, *ledger_, size, size, params);
  }
  double Select(int threads, milliseconds time, bool prepared) const {
    const auto one = [this, prepared] { SelectOne(*pool_, prepared); };
    Loop(threads, kWarmUp, one);
    return Loop(threads, time, one);
  }

 private:
  static constexpr milliseconds kWarmUp{200};
  const std::unique_ptr<session::SessionFactory> factory_ = session::MakeLibpqFactory(Clock::System());
  const std::unique_ptr<pool::SlotLedger> ledger_ = pool::MakeLocalLedger();
  std::shared_ptr<pool::Pool> pool_;
};

void Selects(const PoolWorld& world, Measurer& hikari, const Plan& plan) {
  constexpr int kMs = 1'000;
  const PgBouncer bouncer(world);
  const auto node = StartNode(8, world);
  const auto direct = [&](int threads) {
    return PgBench(world.server(),
                   {.mode = "prepared", .clients = 8, .threads = threads, .port = world.server().port()});
  };
  std::vector<Contestant> all{
      {.name = "pgbench -M prepared, direct, 8 threads", .measure = [&] { return direct(8); }},
      {.name = "berth", .measure = [&] { return ServerPool(world, 8).Select(8, milliseconds(kMs), true); }},
      {.name = "HikariCP and pgjdbc", .measure = [&] { return Ask(hikari, fmt::format("select 8 {}", kMs))[0]; }},
      {.name = "PgBouncer, transactions (pgbench -M simple)",
       .measure =
           [&] {
             return PgBench(world.server(), {.mode = "simple", .clients = 8, .threads = 2, .port = bouncer.port()});
           }},
      {.name = node->version(), .measure = [&] { return Ask(*node, std::to_string(kMs))[0]; }},
      {.name = "berth, the number in the text",
       .measure = [&] { return ServerPool(world, 8).Select(8, milliseconds(kMs), false); }},
      {.name = "pgbench, 2 threads of 4 clients each", .measure = [&] { return direct(2); }}};
  Interleave(all, 2 * plan.rounds + 1);  // each round is another draw
  Print("SELECT 1 through the pool: 8 threads on 8 sessions\n" + Table(all, "microseconds a statement"));
  const auto against = [&](const char* name, std::size_t peer, double bar) {
    Print(Verdict(
        {.what = fmt::format("speed of {}", name), .value = Ratio(all[peer].series, all[1].series), .bar = bar}));
  };
  against("pgbench's with 8 threads", 0, 0.93);
  against("pgbench's with 2 threads (informs)", 6, 0.93);
  against("HikariCP's with pgjdbc", 2, 1.15);
  against("PgBouncer's", 3, 1.6);
  against("pg-pool's", 4, 2.2);
  Print("\n");
}

void SelectsAlone(const PoolWorld& world, Measurer& hikari, const Plan& plan) {
  constexpr int kMs = 1'000;
  std::vector<Contestant> all{
      {.name = "HikariCP and pgjdbc", .measure = [&] { return Ask(hikari, fmt::format("select 1 {}", kMs))[0]; }},
      {.name = "berth", .measure = [&] { return ServerPool(world, 1).Select(1, milliseconds(kMs), true); }},
      {.name = "pgbench -M prepared, direct",
       .measure = [&] { return PgBench(world.server(), {.mode = "prepared", .port = world.server().port()}); }}};
  Interleave(all, plan.rounds);
  Print("SELECT 1 through the pool: 1 thread on 1 session\n" + Table(all, "microseconds a statement"));
  Print(Verdict({.what = "speed of HikariCP's with pgjdbc", .value = Ratio(all[0].series, all[1].series), .bar = 1}) +
        "\n");
}

// --- slots over processes ---

void Slots(const PoolWorld& world, const Plan& plan) {
  const std::string folder = world.File("slots");
  const auto rate = [](pool::SlotLedger& ledger) {
    const auto factory = StubFactory({});
    const auto pool = OpenPool(*factory, ledger, 1, 1);
    return Loop(1, milliseconds(300), [&pool] { TakeAndReturn(*pool); });
  };
  std::vector<Contestant> all{
      {.name = "sessions counted in memory", .measure = [&] { return rate(*pool::MakeLocalLedger()); }},
      {.name = "slots over all processes",
       .measure = [&] { return rate(*pool::MakeHostLedger({.folder = folder, .program = "bench"})); }}};
  Interleave(all, plan.rounds);
  const long calls =
      SystemCallsToTakeIdle(std::filesystem::read_symlink("/proc/self/exe"), folder, world.File("trace"));
  Print("Taking an idle session and giving it back: 1 thread, stub sessions\n" + Table(all, "microseconds"));
  Print(calls < 0 ? "  system calls: unknown, strace does not work here\n"
                  : Verdict({.what = "system calls in 100,000 of them",
                             .value = static_cast<double>(calls),
                             .bar = 0,
                             .bound = Bound::kAtMost}));
  Print("\n");
}

void SlotsOfProcesses(const PoolWorld& world, const Plan& plan) {
  double worst = 0;
  const auto measure = [&](int processes) {
    const SlotCosts costs = MeasureSlots(world.File("slots"), processes, milliseconds(500));
    worst = std::max(worst, costs.worst);
    return costs.median;
  };
  std::vector<Contestant> all{{.name = "1 process", .measure = [&] { return measure(1); }},
                              {.name = "4 processes", .measure = [&] { return measure(4); }}};
  Interleave(all, plan.rounds);
  Print("Taking, recording and giving back a slot: the median in each round\n" + Table(all, "microseconds"));
  const auto bound = [](std::string what, double value, double bar) {
    Print(Verdict({.what = std::move(what), .value = value, .bar = bar, .bound = Bound::kAtMost}));
  };
  bound("microseconds, 1 process", all[0].series.Median(), 3);
  bound("microseconds, 4 processes", all[1].series.Median(), 6);
  bound("the worst of all, in milliseconds", worst / 1e3, 30);
  Print("\n");
}

Plan PlanOf(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (i + 1 == argc || (option != "--rounds" && option != "--only")) {
      throw std::runtime_error("usage: run pool [--rounds N] [--only rate|wait|spike|select|slots]");
    }
    const std::string value = argv[++i];
    if (option == "--rounds") {
      plan.rounds = static_cast<std::size_t>(std::max(1, std::stoi(value)));
    } else {
      plan.only = value;
    }
  }
  return plan;
}

int Main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--take-idle") return TakeIdle(argv[2]);
  const Plan plan = PlanOf(argc, argv);
  const auto wanted = [&](std::string_view part) { return plan.only.empty() || plan.only == part; };
  const PoolWorld world;
  const auto hikari = StartJava("hikari", world);
  const auto tomcat = StartJava("tomcat", world);
  Head(world, *hikari, *tomcat);
  if (wanted("slots")) {  // first: this process forks, and has no threads yet
    SlotsOfProcesses(world, plan);
    Slots(world, plan);
  }
  if (wanted("rate")) Rates(*hikari, plan);
  if (wanted("wait")) {
    WaitsOf({32, 4, microseconds(1'000), &WaitSeries::p999, "p99.9", 0.10, 1.0}, *hikari, *tomcat, plan);
    WaitsOf({32, 16, microseconds(200), &WaitSeries::p99, "p99", 0.15, 1.5}, *hikari, *tomcat, plan);
  }
  if (wanted("spike")) Spikes(*hikari, *tomcat, plan);
  if (wanted("select")) {
    SelectsAlone(world, *hikari, plan);
    Selects(world, *hikari, plan);
  }
  return 0;
}

}  // namespace
}  // namespace berth::bench

int main(int argc, char** argv) {
  try {
    return berth::bench::Main(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench: {}\n", e.what());
    return 1;
  }
}
