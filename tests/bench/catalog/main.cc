// The program behind `./dev bench catalog`. What each part must hold stands in ../README.md.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/program.h"
#include "bench/report.h"
#include "bench/series.h"
#include "berth/engine.h"
#include "catalog/store.h"
#include "support/temp_dir.h"

namespace berth::bench {
namespace {

constexpr int kEach = 5;     // tables, and jobs, of each connection
constexpr int kLooks = 200;  // a measurement is the mean of so many
constexpr std::size_t kRounds = 15;
constexpr int kCreates = 10'000;

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void Must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

double MillisecondsSince(Clock::Steady began) {
  const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
  return took.count();
}

std::unique_ptr<Engine> OpenEngine(const std::string& path) {
  return Must(Engine::Open({.catalog_uri = "sqlite:" + path, .program = "bench"}));
}

// Runs a statement of the catalog's to its end. `refused`: it must fail, with dependents.
void Run(Conversation& conversation, const std::string& text, bool refused = false) {
  auto rows = conversation.Execute(text, {}, Deadline::Never());
  if (refused && !rows.ok() && rows.error().code == ErrorCode::kDependentsExist) return;
  if (refused) throw std::runtime_error("it was not refused: " + text);
  const auto outcome = Must(std::move(rows));
  while (Must(outcome->Next())) {
  }
}

catalog::Connection NewConnection(int number) {
  return {.name = fmt::format("c{}", number),
          .connection_string = "jdbc:redshift://examplecluster.abc123.us-west-2.redshift.amazonaws.com:5439/dev",
          .host = "examplecluster.abc123.us-west-2.redshift.amazonaws.com",
          .port = 5439,
          .database = "dev",
          .user_name = "awsuser",
          .password_kind = PasswordKind::kEnv,
          .password_reference = "REDSHIFT_PASSWORD"};
}

void Fill(const std::string& path, int connections) {
  const auto store = Must(catalog::Store::Open({.uri = "sqlite:" + path, .actor = "u@h bench"}));
  const auto transaction = Must(store->Begin(catalog::Access::kWrite, Deadline::Never()));
  for (int i = 0; i < connections; ++i) {
    const auto connection = Must(transaction->InsertConnection(NewConnection(i), Secret()));
    for (int j = 0; j < kEach; ++j) {
      const std::string table = fmt::format("t{}", j);
      Must(transaction->InsertTable({.connection_id = connection.id, .schema = "s", .name = table}));
      Must(transaction->InsertJob({.name = fmt::format("j{}_{}", i, j),
                                   .body = fmt::format("INSERT INTO c{}.s.t{} SELECT * FROM c{}.s.u", i, j, i),
                                   .connection_id = connection.id,
                                   .edges = {{connection.id, catalog::Role::kConnection, "", ""},
                                             {connection.id, catalog::Role::kTarget, "s", table},
                                             {connection.id, catalog::Role::kSource, "s", "u"}}}));
    }
  }
  Must(transaction->Commit());
}

// The same question to catalogs of three sizes.
void Ask(const std::string& what, const std::function<void(Conversation&, int)>& ask,
         const std::vector<std::pair<int, std::unique_ptr<Engine>>>& engines) {
  std::vector<Contestant> all;
  for (const auto& [size, engine] : engines) {
    const std::shared_ptr<Conversation> conversation = engine->NewConversation();
    all.push_back({.name = fmt::format("{} connections, {} tables and jobs", size, 2 * kEach * size),
                   .measure = [conversation, size = size, ask] {
                     const auto began = Clock::System().Now();
                     for (int i = 0; i < kLooks; ++i) ask(*conversation, i * 7919 % size);
                     return MillisecondsSince(began) / kLooks;
                   }});
  }
  Interleave(all, kRounds);
  Print(what + "\n" + Table(all, "ms"));
  Print(Verdict({.what = "ms", .value = all.back().series.Median(), .bar = 1, .bound = Bound::kAtMost}));
  Print(Verdict({.what = "of the smallest's time",
                 .value = all.back().series.Median() / all.front().series.Median(),
                 .bar = 2,
                 .bound = Bound::kAtMost}) +
        "\n");
}

void Scale(const test::TempDir& folder) {
  std::vector<std::pair<int, std::unique_ptr<Engine>>> engines;
  for (const int size : {100, 1'000, 10'000}) {
    const std::string path = folder / fmt::format("of_{}.db", size);
    Fill(path, size);
    engines.emplace_back(size, OpenEngine(path));
  }
  Ask(
      "DROP CONNECTION, refused",
      [](Conversation& conversation, int i) { Run(conversation, fmt::format("DROP CONNECTION c{}", i), true); },
      engines);
  Ask(
      "SHOW DEPENDENTS OF CONNECTION",
      [](Conversation& conversation, int i) { Run(conversation, fmt::format("SHOW DEPENDENTS OF CONNECTION c{}", i)); },
      engines);
  Ask(
      "USE CONNECTION: a name is looked up",
      [](Conversation& conversation, int i) { Run(conversation, fmt::format("USE CONNECTION c{}", i)); }, engines);
}

double CreateMany(const std::string& path) {
  const auto engine = OpenEngine(path);
  const auto conversation = engine->NewConversation();
  const auto began = Clock::System().Now();
  Run(*conversation, "BEGIN");
  for (int i = 0; i < kCreates; ++i) {
    Run(*conversation,
        fmt::format("CREATE REDSHIFT CONNECTION c{} CONNECTION_STRING = "
                    "'jdbc:redshift://examplecluster.abc123.us-west-2.redshift.amazonaws.com:5439/dev' USER_NAME = "
                    "'awsuser' PASSWORD = ENV 'REDSHIFT_PASSWORD' MAX_CONCURRENT_CONNECTIONS = 5 COMMENT = 'number {}'",
                    i, i));
  }
  Run(*conversation, "COMMIT");
  return MillisecondsSince(began);
}

// INSERT statements for every row that CREATE wrote, in every table that has some.
std::string Inserts(const std::string& path) {
  std::string script = "PRAGMA foreign_keys = ON;\nPRAGMA synchronous = FULL;\nBEGIN IMMEDIATE;\n";
  const auto ask = [&](const std::string& sql) { return OutputOf({"/usr/bin/sqlite3", path, sql}, {}); };
  for (const std::string table : {"connections", "change_history"}) {
    const auto columns =
        ask(fmt::format("SELECT group_concat(name, ', ') FROM pragma_table_xinfo('{}') WHERE hidden = 0", table));
    if (columns.size() < 2) continue;  // this version has no such table
    const auto names = columns.substr(0, columns.find('\n'));
    const auto values = ask(fmt::format(
        "SELECT group_concat('quote(' || name || ')', '||'', ''||') FROM pragma_table_xinfo('{}') WHERE hidden = 0",
        table));
    script += ask(fmt::format("SELECT 'INSERT INTO {0} ({1}) VALUES (' || {2} || ');' FROM {0}", table, names,
                              values.substr(0, values.find('\n'))));
  }
  return script + "COMMIT;\n";
}

void Creating(const test::TempDir& folder) {
  int round = 0;
  const std::string script_file = folder / "inserts.sql";
  {
    const std::string path = folder / "model.db";
    CreateMany(path);
    std::ofstream(script_file) << Inserts(path);
  }
  std::vector<Contestant> all{{.name = "sqlite3, the same rows in the same tables",
                               .measure =
                                   [&] {
                                     const std::string path = folder / fmt::format("sqlite_{}.db", ++round);
                                     OpenEngine(path).reset();  // an empty catalog
                                     return RunProgram({"/usr/bin/sqlite3", path, ".read " + script_file}, {}).ms;
                                   }},
                              {.name = "berth, CREATE statements",
                               .measure = [&] { return CreateMany(folder / fmt::format("berth_{}.db", ++round)); }}};
  Interleave(all, kRounds / 3);
  Print(fmt::format("{} CREATE statements in one transaction\n", kCreates) + Table(all, "ms"));
  Print(Verdict({.what = "times sqlite3's time",
                 .value = all[1].series.Median() / all[0].series.Median(),
                 .bar = 5,
                 .bound = Bound::kAtMost}) +
        "\n");
}

void Main() {
  Print(fmt::format("berth     {} {}\ncompiler  {}\nsqlite3   {}\nmachine   {}\n\n",
                    FirstLine({BERTH_PROGRAM, "--version"}), Variable("BERTH_BENCH_COMMIT"), BERTH_COMPILER,
                    FirstLine({"/usr/bin/sqlite3", "--version"}), Variable("BERTH_BENCH_MACHINE")));
  Calibrate();
  const test::TempDir folder;
  Scale(folder);
  Creating(folder);
}

}  // namespace
}  // namespace berth::bench

int main() {
  try {
    berth::bench::Main();
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench: {}\n", e.what());
    return 1;
  }
}
