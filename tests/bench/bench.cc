// The program behind `./dev bench`. What each part must hold stands in README.md.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <pqxx/version>
#include <stdexcept>
#include <string_view>

#include <libpq-fe.h>

#include "bench/program.h"
#include "bench/readers.h"
#include "bench/report.h"
#include "bench/series.h"
#include "parser/parse.h"

namespace berth::bench {
namespace {

struct Plan {
  std::size_t rounds = 7;          // of what takes a second or so
  std::size_t quick_rounds = 101;  // of what takes milliseconds
  std::string only;                // empty: every part
};

double Ratio(const Contestant& of, const Contestant& to) {
  return of.series.Median() / to.series.Median();
}

void Head(const World& world) {
  const std::string psql = FirstLine({"/usr/lib/postgresql/15/bin/psql", "--version"});
  const std::string version = world.server().Psql("show server_version");
  Print(fmt::format("berth     {} {}\ncompiler  {}\n", FirstLine({BERTH_PROGRAM, "--version"}),
                    Variable("BERTH_BENCH_COMMIT"), BERTH_COMPILER));
  Print(fmt::format("libpq     {}\nlibpqxx   {}\nserver    PostgreSQL {}psql      {}\n", PQlibVersion(), PQXX_VERSION,
                    version, psql));
  Print(fmt::format("machine   {}\n\n", Variable("BERTH_BENCH_MACHINE")));
  Calibrate();
}

void Startup(const World& world, const Plan& plan) {
  const auto run = [&](const std::vector<std::string>& arguments) {
    return [&world, arguments] { return RunProgram(arguments, world.Environment()).ms; };
  };
  std::vector<Contestant> all{
      {.name = "psql -c 'select 1'", .measure = run(world.Psql({}, "select 1"))},
      {.name = "berth -c 'SHOW CONNECTIONS'", .measure = run(world.BerthOnCatalog("SHOW CONNECTIONS"))},
      {.name = "berth -C c -c 'select 1'", .measure = run(world.Berth("table", "select 1"))}};
  Interleave(all, plan.quick_rounds);
  Print("Start, run and end of the program; a catalog of ten connections\n" + Table(all, "ms"));
  Print(Verdict({.what = "SHOW CONNECTIONS: speed of psql's select 1", .value = Ratio(all[0], all[1]), .bar = 1}) +
        "\n");
}

void Parsing(const Plan& plan) {
  static constexpr std::string_view kCreate =
      "CREATE REDSHIFT CONNECTION IF NOT EXISTS my_redshift_connection\n"
      "    CONNECTION_STRING = 'jdbc:redshift://examplecluster.abc123.us-west-2.redshift.amazonaws.com:5439/dev'\n"
      "    USER_NAME = 'awsuser'\n"
      "    PASSWORD = ENV 'REDSHIFT_PASSWORD'\n"
      "    MAX_CONCURRENT_CONNECTIONS = 5\n"
      "    COMMENT = 'My new Redshift connection'";
  constexpr int kTimes = 200;
  std::vector<Contestant> all{{.name = "parse of the full CREATE statement", .measure = [] {
                                 const auto began = Clock::System().Now();
                                 for (int i = 0; i < kTimes; ++i) {
                                   if (!parser::Parse(kCreate).ok()) throw std::runtime_error("it does not parse");
                                 }
                                 const std::chrono::duration<double, std::micro> took = Clock::System().Now() - began;
                                 return took.count() / kTimes;
                               }}};
  Interleave(all, plan.quick_rounds);
  Print(fmt::format("Parsing; a measurement is the mean of {} in a row\n", kTimes) + Table(all, "microseconds"));
  Print(Verdict({.what = "microseconds", .value = all[0].series.Median(), .bar = 25, .bound = Bound::kAtMost}) + "\n");
}

void Output(const World& world, const Plan& plan) {
  const auto run = [&](const std::vector<std::string>& arguments) {
    return [&world, arguments] { return RunProgram(arguments, world.Environment()).ms; };
  };
  std::vector<Contestant> csv{{.name = "psql --csv", .measure = run(world.Psql({"--csv"}, kSelect))},
                              {.name = "berth -o csv", .measure = run(world.Berth("csv", kSelect))}};
  Interleave(csv, plan.rounds);
  Print("1 million rows as csv, to /dev/null\n" + Table(csv, "ms"));
  // Where the machine is busy, a client that works while the server does gains less: this is what it costs by itself.
  Print(fmt::format("  processor time of the client in one more run: psql {:.0f} ms, berth {:.0f} ms\n",
                    RunProgram(world.Psql({"--csv"}, kSelect), world.Environment()).cpu_ms,
                    RunProgram(world.Berth("csv", kSelect), world.Environment()).cpu_ms));
  Print(Verdict({.what = "speed of psql's", .value = Ratio(csv[0], csv[1]), .bar = 1.7}) + "\n");
  std::vector<Contestant> table{{.name = "psql, aligned", .measure = run(world.Psql({}, kSelect))},
                                {.name = "berth -o table", .measure = run(world.Berth("table", kSelect))}};
  Interleave(table, plan.rounds);
  Print("1 million rows as a table, to /dev/null\n" + Table(table, "ms"));
  Print(Verdict({.what = "speed of psql's", .value = Ratio(table[0], table[1]), .bar = 4}) + "\n");
}

void Memory(const World& world) {
  const auto peak = [&](const std::vector<std::string>& arguments) {
    return RunProgram(arguments, world.Environment()).peak_mib;
  };
  Print("Peak of the resident memory in MiB, and what it is above that of select 1 in the same format\n");
  struct Case {
    const char* rows;
    const char* sql;
  };
  for (const std::string format : {"csv", "table"}) {
    const double one = peak(world.Berth(format, "select 1"));
    Print(fmt::format("  {:<44} {:>10.1f}\n", "berth -o " + format + ", select 1", one));
    for (const auto& [rows, sql] : {Case{"1 million rows", kSelect}, Case{"5 million rows", kSelectFive}}) {
      const double many = peak(world.Berth(format, sql));
      Print(fmt::format("  {:<44} {:>10.1f}\n", "berth -o " + format + ", " + rows, many));
      Print(Verdict({.what = "MiB above select 1", .value = many - one, .bar = 8, .bound = Bound::kAtMost}));
    }
  }
  for (const std::string format : {"--csv", "--no-align"}) {
    Print(fmt::format("  {:<44} {:>10.1f}\n", "psql " + format + ", 1 million rows",
                      peak(world.Psql({format}, kSelect))));
  }
  Print("\n");
}

void Fetching(const World& world, const Plan& plan) {
  const auto engine = world.OpenEngine();
  const std::vector<std::shared_ptr<Reader>> readers{SingleRowReader(world), EngineReader(*engine), CArrowReader(world),
                                                     WholeResultReader(world), PqxxReader(world)};
  const std::array<std::string, 5> names{"libpq, a bare single-row loop", "berth's engine",
                                         "berth's C interface, Arrow batches", "libpq, PQexec", "libpqxx, exec"};
  std::vector<Contestant> all;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    all.push_back({.name = names[i], .measure = [reader = readers[i]] { return reader->Read(); }});
  }
  std::unique_ptr<Measurer> java;
  if (const std::string folder = Variable("BERTH_BENCH_JAVA"); !folder.empty()) {
    java = std::make_unique<Measurer>(
        std::vector<std::string>{"/usr/bin/java", "-cp", folder + ":/usr/share/java/postgresql.jar", "Fetch",
                                 world.PgJdbcUrl(), kSelect, std::to_string(kRows)},
        world.Environment());
    all.push_back({.name = "pgjdbc, fetch size 10,000", .measure = [&java] { return java->Measure(); }});
  }
  Interleave(all, plan.rounds);
  if (java) Print(fmt::format("pgjdbc {}\n", java->version()));
  Print("1 million rows of 10 columns, every value touched\n" + Table(all, "ms"));
  Print(Verdict({.what = "the engine: speed of the bare loop", .value = Ratio(all[0], all[1]), .bar = 0.95}) + "\n");
  Print(Verdict({.what = "Arrow batches: speed of the bare loop", .value = Ratio(all[0], all[2]), .bar = 0.95}) + "\n");
}

Plan PlanOf(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (i + 1 == argc || (option != "--rounds" && option != "--only")) {
      throw std::runtime_error("usage: run [--rounds N] [--only startup|parse|output|memory|fetch]");
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
  const Plan plan = PlanOf(argc, argv);
  const auto wanted = [&](std::string_view part) { return plan.only.empty() || plan.only == part; };
  const World world;
  Head(world);
  // Children first: this process grows by what PQexec needs.
  if (wanted("startup")) Startup(world, plan);
  if (wanted("memory")) Memory(world);
  if (wanted("output")) Output(world, plan);
  if (wanted("parse")) Parsing(plan);
  if (wanted("fetch")) Fetching(world, plan);
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
