// The program behind `./dev bench dataapi`. What each row must hold stands in ../README.md.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/dataapi/file_server.h"
#include "bench/dataapi/service_world.h"
#include "bench/pgbench.h"
#include "bench/program.h"
#include "bench/report.h"
#include "bench/series.h"

namespace berth::bench {
namespace {

using test::DataClient;
using test::MemberIn;

constexpr std::chrono::milliseconds kRoundTime{1'000};
constexpr const char* kTarget = R"("ClusterIdentifier":"bench","Database":"dev")";

struct Plan {
  std::size_t rounds = 7;
  std::string only;  // empty: every part
};

double Ratio(const Series& of, const Series& to) {
  return of.Median() / to.Median();
}

double Seconds(Clock::Steady since) {
  return std::chrono::duration<double>(Clock::System().Now() - since).count();
}

// What each SDK sends of its own: a token that is new for each statement.
std::string NewToken() {
  static std::atomic<unsigned> number = 0;
  return fmt::format("6f1c0b4e-3d52-4a57-9a53-{:012x}", number.fetch_add(1));
}

void SelectOne(DataClient& client) {
  const auto said = client.Need(
      "ExecuteStatement",
      fmt::format(R"({{"Sql":"SELECT 1",{},"WaitTimeSeconds":10,"ClientToken":"{}"}})", kTarget, NewToken()));
  if (MemberIn(said, "Status") != "FINISHED") throw std::runtime_error(fmt::format("not finished: {}", said));
  const auto result = client.Need("GetStatementResult", fmt::format(R"({{"Id":"{}"}})", MemberIn(said, "Id")));
  if (MemberIn(result, "longValue") != "1") throw std::runtime_error(fmt::format("SELECT 1 is not 1: {}", result));
}

struct Load {
  double microseconds = 0;  // a statement, over all clients
  std::size_t statements = 0;
};

// With one client the median of each goes to `latency`.
Load Selects(std::vector<DataClient>& clients, Series* latency) {
  std::atomic<std::size_t> count = 0;
  std::atomic<bool> failed = false;
  const auto began = Clock::System().Now();
  const auto until = began + kRoundTime;
  std::vector<std::thread> threads;
  Series each;
  for (auto& client : clients) {
    threads.emplace_back([&] {
      try {
        while (true) {
          const auto before = Clock::System().Now();
          if (before >= until) return;
          SelectOne(client);
          if (latency != nullptr) each.Add(Seconds(before) * 1e3);
          ++count;
        }
      } catch (const std::exception& error) {
        if (!failed.exchange(true)) fmt::print(stderr, "bench: {}\n", error.what());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failed) throw std::runtime_error("a client failed");
  if (latency != nullptr) latency->Add(each.Median());
  return {.microseconds = Seconds(began) * 1e6 / static_cast<double>(count.load()), .statements = count.load()};
}

void SmallStatements(const World& world, const NodeService& node, const Plan& plan) {
  const Serving serving(world, {"--active-max", "1000", "--active-per-user-max", "1000"});
  for (const std::size_t count : {1U, 8U, 32U}) {
    std::vector<DataClient> ours;
    std::vector<DataClient> nodes;
    for (std::size_t i = 0; i < count; ++i) {
      ours.push_back(serving.Client());
      nodes.emplace_back(node.port);
    }
    Series latency;
    Series cpu;
    Series* const alone = count == 1 ? &latency : nullptr;
    const int clients = static_cast<int>(std::min<std::size_t>(count, Serving::kSessions));
    std::vector<Contestant> all{
        {.name = fmt::format("pgbench -M prepared, {} clients, direct", clients),
         .measure =
             [&] {
               return PgBench(world.server(), {.mode = "prepared",
                                               .clients = clients,
                                               .threads = clients > 1 ? 2 : 1,
                                               .port = world.server().port()});
             }},
        {.name = "berth serve",
         .measure =
             [&] {
               const double before = serving.CpuSeconds();
               const auto load = Selects(ours, alone);
               cpu.Add((serving.CpuSeconds() - before) * 1e6 / static_cast<double>(load.statements));
               return load.microseconds;
             }},
        {.name = node.process->version(), .measure = [&] { return Selects(nodes, nullptr).microseconds; }}};
    Interleave(all, plan.rounds);
    Print(fmt::format("ExecuteStatement that waits, and GetStatementResult: SELECT 1, {} clients on {} sessions\n",
                      count, Serving::kSessions) +
          Table(all, "microseconds a statement"));
    if (count == 8) {
      Print(Verdict({.what = "speed of pgbench's", .value = Ratio(all[0].series, all[1].series), .bar = 0.08}));
    }
    Print(fmt::format("  processor time of berth serve: {:.0f} microseconds a statement\n", cpu.Median()));
    Print(Verdict({.what = "speed of node's", .value = Ratio(all[2].series, all[1].series), .bar = 2}));
    if (alone != nullptr) {
      Print(Verdict(
          {.what = "ms for both requests, p50", .value = latency.Median(), .bar = 0.5, .bound = Bound::kAtMost}));
    }
    Print("\n");
  }
}

// --- large results ---

// Runs it to its end; its id.
std::string RunWhole(DataClient& client, std::string_view sql) {
  const std::string id(MemberIn(
      client.Need("ExecuteStatement", fmt::format(R"({{"Sql":"{}",{},"WaitTimeSeconds":30}})", sql, kTarget)), "Id"));
  while (true) {
    const auto said = client.Need("DescribeStatement", fmt::format(R"({{"Id":"{}","WaitTimeSeconds":30}})", id));
    const auto status = MemberIn(said, "Status");
    if (status == "FINISHED") return id;
    if (status == "FAILED" || status == "ABORTED") throw std::runtime_error(std::string(said));
  }
}

// All pages; their bytes.
std::size_t FetchAll(DataClient& client, const std::string& id) {
  std::size_t bytes = 0;
  std::string token;
  while (true) {
    const auto body = token.empty() ? fmt::format(R"({{"Id":"{}"}})", id)
                                    : fmt::format(R"({{"Id":"{}","NextToken":"{}"}})", id, token);
    const auto page = client.Need("GetStatementResult", body);
    bytes += page.size();
    constexpr std::size_t kTail = 4096;  // NextToken is beside the metadata, after the records
    const auto tail = page.substr(page.size() > kTail ? page.size() - kTail : 0);
    token = MemberIn(tail, "NextToken");
    if (token.empty()) return bytes;
  }
}

std::size_t FetchFile(DataClient& client, const std::string& path) {
  constexpr std::size_t kPiece = 1 << 20;
  const auto size = std::filesystem::file_size(path);
  std::size_t bytes = 0;
  while (bytes < size) {
    const auto piece = std::min<std::size_t>(kPiece, size - bytes);
    const auto answer = client.Get(fmt::format("/{}/{}{}", bytes, piece, path));
    if (!answer || answer->body.size() != piece) throw std::runtime_error("the file server failed");
    bytes += piece;
  }
  return bytes;
}

void Pages(const Serving& serving, const FileServer& files, const Plan& plan) {
  auto client = serving.Client();
  DataClient plain(files.port());
  const auto id = RunWhole(client, kSelect);
  const auto path = serving.LargestResult();
  double mib = 0;
  const auto time = [&mib](const auto& fetch) {
    const auto began = Clock::System().Now();
    const auto bytes = fetch();
    mib = static_cast<double>(bytes) / (1 << 20);
    return Seconds(began) * 1e9 / static_cast<double>(bytes);
  };
  std::vector<Contestant> pages{
      {.name = "a plain file, sendfile in pieces of 1 MiB",
       .measure = [&] { return time([&] { return FetchFile(plain, path); }); }},
      {.name = "GetStatementResult", .measure = [&] { return time([&] { return FetchAll(client, id); }); }}};
  Interleave(pages, plan.rounds);
  Print(fmt::format("All pages of a result of 1 million rows of 10 columns ({:.0f} MiB)\n", mib) +
        Table(pages, "nanoseconds a byte"));
  Print(
      Verdict(
          {.what = "bytes a second beside the file's", .value = Ratio(pages[0].series, pages[1].series), .bar = 0.5}) +
      "\n");
}

void LargeResult(const World& world, const FileServer& files, const Plan& plan) {
  const Serving serving(world, {"--result-max-bytes", "4GB"});
  Pages(serving, files, plan);
  auto client = serving.Client();
  std::vector<Contestant> whole{
      {.name = "psql --csv",
       .measure = [&] { return RunProgram(world.Psql({"--csv"}, kSelect), world.Environment()).ms; }},
      {.name = "berth serve, from submit to the last page", .measure = [&] {
         const auto began = Clock::System().Now();
         FetchAll(client, RunWhole(client, kSelect));
         return Seconds(began) * 1e3;
       }}};
  Interleave(whole, plan.rounds);
  Print("1 million rows of 10 columns\n" + Table(whole, "ms"));
  Print(Verdict({.what = "time beside psql's (aim)",
                 .value = Ratio(whole[1].series, whole[0].series),
                 .bar = 1.5,
                 .bound = Bound::kAtMost}) +
        "\n");
}

// --- memory ---

void Memory(const World& world) {
  constexpr std::size_t kStored = 10'000;
  constexpr std::size_t kActive = 500;
  constexpr std::size_t kThreads = 16;
  const Serving serving(world, {"--active-per-user-max", "500"});
  const double before = serving.ResidentMib();
  const auto many = [&](std::size_t count, const auto& step) {
    std::atomic<std::size_t> left = count;
    std::atomic<bool> failed = false;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        try {
          auto client = serving.Client();
          for (auto at = left.load(); at > 0;) {
            if (left.compare_exchange_weak(at, at - 1)) step(client);
          }
        } catch (const std::exception& error) {
          if (!failed.exchange(true)) fmt::print(stderr, "bench: {}\n", error.what());
        }
      });
    }
    for (auto& thread : threads) thread.join();
    if (failed) throw std::runtime_error("a client failed");
  };
  many(kStored, [](DataClient& client) { SelectOne(client); });
  const double stored = serving.ResidentMib();
  many(kActive, [](DataClient& client) {
    client.Need("ExecuteStatement", fmt::format(R"s({{"Sql":"SELECT pg_sleep(600)",{}}})s", kTarget));
  });
  const double active = serving.ResidentMib();
  Print("Resident memory of berth serve in MiB\n");
  Print(fmt::format("  {:<44} {:>10.1f}\n", "at the start", before));
  Print(fmt::format("  {:<44} {:>10.1f}\n", fmt::format("with {} stored results", kStored), stored));
  Print(fmt::format("  {:<44} {:>10.1f}\n\n", fmt::format("and {} active statements", kActive), active));
}

void Head(const World& world, const NodeService& node) {
  Print(fmt::format("berth     {} {}\ncompiler  {}\n", BERTH_VERSION, Variable("BERTH_BENCH_COMMIT"), BERTH_COMPILER));
  Print(fmt::format("server    PostgreSQL {}", world.server().Psql("show server_version")));
  Print(fmt::format("peers     {}\n          {}          {}\n", node.process->version(),
                    FirstLine({"/usr/lib/postgresql/15/bin/pgbench", "--version"}) + "\n",
                    FirstLine({"/usr/lib/postgresql/15/bin/psql", "--version"})));
  Print(fmt::format("machine   {}\n\n", Variable("BERTH_BENCH_MACHINE")));
  Calibrate();
}

Plan PlanOf(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (i + 1 == argc || (option != "--rounds" && option != "--only")) {
      throw std::runtime_error("usage: run dataapi [--rounds N] [--only small|large|memory]");
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
  const FileServer files;  // first: it forks, and there is no thread yet
  const World world;
  const auto node = StartNodeService(world);
  Head(world, node);
  if (wanted("small")) SmallStatements(world, node, plan);
  if (wanted("large")) LargeResult(world, files, plan);
  if (wanted("memory")) Memory(world);
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
