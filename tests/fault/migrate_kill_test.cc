#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "berth/deadline.h"
#include "cli/migrations.h"

// kill -9 of `berth migrate up` at random moments: status tells the truth, and `up` ends where an undisturbed run ends.
namespace berth {
namespace {

using test::Child;
using test::MakeConnection;
using test::MigrationHome;
using test::Ran;
using test::Run;

constexpr int kFiles = 40;

// How often; BERTH_TEST_KILLS says it otherwise.
int Kills() {
  const char* const text = ::getenv("BERTH_TEST_KILLS");
  return text == nullptr ? 12 : std::stoi(text);
}

std::string Script(int n) {
  return fmt::format("V{:04}__step.sql", n);
}

// Files of all kinds: catalog alone, warehouse alone, both in turns, statement by statement, repeatable. Each leaves a
// row of its number in `log`, or an object in the catalog with it.
void WriteFiles(const MigrationHome& home) {
  home.File(Script(1), MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.log (n INT);\n");
  for (int n = 2; n < kFiles; ++n) {
    const auto row = fmt::format("INSERT INTO ${{SCHEMA}}.log VALUES ({});\n", n);
    const auto job = fmt::format("ATTACH JOB 'job{}' USING CONNECTION etl;\n", n);
    switch (n % 5) {
      case 0:
        home.File(Script(n), job);
        break;
      case 1:
        home.File(Script(n),
                  fmt::format("CREATE TABLE etl.${{SCHEMA}}.t{} (i INT);\nUSE CONNECTION etl;\n{}{}", n, row, job));
        break;
      case 2:
        home.File(Script(n), job + "USE CONNECTION etl;\n" + row + "ALTER REDSHIFT CONNECTION etl SET COMMENT = 'c" +
                                 std::to_string(n) + "';\n");
        break;
      case 3:
        home.File(Script(n),
                  fmt::format("-- berth: no transaction\nUSE CONNECTION etl;\n{}CREATE TABLE ${{SCHEMA}}.s{} "
                              "(i INT);\n",
                              row, n));
        break;
      default:
        home.File(Script(n), "USE CONNECTION etl;\n" + row);
        break;
    }
  }
  home.File("R__view.sql", "USE CONNECTION etl;\nCREATE OR REPLACE VIEW ${SCHEMA}.v AS SELECT 1 AS i;\n");
}

// How often each number is in `log`.
std::map<int, int> Counts(const MigrationHome& home) {
  std::map<int, int> counts;
  if (home.Ask("select to_regclass('{s}.log') is null") == "t\n") return counts;
  std::istringstream rows(home.Ask("select n || ' ' || count(*) from {s}.log group by n"));
  for (int n = 0, count = 0; rows >> n >> count;) counts[n] = count;
  return counts;
}

// What the run has left: the catalog's objects, the tables and the rows.
std::string World(const MigrationHome& home) {
  std::string world = Run(home, {"-o", "plain", "-c", "SHOW CONNECTIONS; SHOW JOBS"}).output;
  if (world.empty()) return world;
  // The notes of who used it last have their times in them.
  world += Run(home, {"-o", "plain", "-c",
                      "SELECT object_type, object_name, role, table_name FROM "
                      "system.information_schema.connection_usages"})
               .output;
  world += home.Ask("select n, count(*) from {s}.log group by n order by n");
  world += home.Ask(
      "select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = '{s}' "
      "order by 1");
  world += home.Ask("select script, part, checksum, success, statements_done from {s}.berth_history order by 1, 2");
  for (auto at = world.find(home.schema); at != std::string::npos; at = world.find(home.schema, at))
    world.replace(at, home.schema.size(), "s");
  return world;
}

// Lets real time pass: what is killed is another process, at a moment that no clock of ours turns.
void Pass(std::chrono::microseconds time) {
  const Clock& clock = Clock::System();
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto until = clock.Now() + time;
  while (clock.Now() < until) clock.WaitUntil(never, lock, until);
}

// The state of each file, checked against what is there.
void CheckTruth(const MigrationHome& home, const Ran& status) {
  auto counts = Counts(home);
  for (int n = 2; n < kFiles; ++n) {
    if (n % 5 == 0) continue;
    const auto at = status.output.find(Script(n));
    REQUIRE(at != std::string::npos);
    const auto begin = status.output.rfind('\n', at) + 1;
    const auto line = status.output.substr(begin, at - begin);
    const int rows = counts[n];
    CAPTURE(line);
    if (line.find("\tSuccess\t") != std::string::npos) CHECK(rows == 1);
    if (line.find("\tPending\t") != std::string::npos) CHECK(rows == 0);
    CHECK(rows <= 1);
  }
}

// A statement in doubt is looked up, as a person would, and settled.
void SettleDoubt(const MigrationHome& home, const Ran& status) {
  if (status.output.find("\tIn doubt\t") == std::string::npos) return;
  const auto at = status.output.find("\tIn doubt\t");
  const auto script = status.output.find("V00", at);
  const int n = std::stoi(status.output.substr(script + 1, 4));
  const auto started = std::stoi(
      home.Ask(fmt::format("select statements_started from {{s}}.berth_history where script = '{}'", Script(n))));
  const bool there = started == 1 ? Counts(home)[n] == 1
                                  : home.Ask(fmt::format("select to_regclass('{{s}}.s{}') is not null", n)) == "t\n";
  const Ran repair = home.Migrate({"repair", "--assume", there ? "applied" : "not-applied"});
  CHECK_MESSAGE(repair.status == 0, repair.error);
}

TEST_CASE("migrate up, killed at random moments, ends as an undisturbed run does") {
  const MigrationHome undisturbed;
  WriteFiles(undisturbed);
  const auto began = Clock::System().Now();
  const Ran whole = undisturbed.Migrate({"up"});
  const auto took = Clock::System().Now() - began;
  REQUIRE_MESSAGE(whole.status == 0, whole.error);
  const auto wanted = World(undisturbed);

  std::mt19937 random(20261122);
  long latest = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  int killed = 0;
  int cut_off = 0;
  int doubts = 0;
  for (int i = 0; i < Kills(); ++i) {
    const MigrationHome home;
    WriteFiles(home);
    Child child(home, {.arguments = home.Arguments({"up"}), .more_environment = home.Secrets()});
    const auto at = std::chrono::microseconds(std::uniform_int_distribution<long>(0, latest)(random));
    CAPTURE(i);
    CAPTURE(at.count());
    Pass(at);
    child.Signal(SIGKILL);
    if (child.Wait() == 128 + SIGKILL) {
      ++killed;
    } else {
      latest = std::min(latest, std::max<long>(at.count(), 1));  // the first run was slower: what else went on then
    }
    // The server may still be at what it was sent; its transactions end when it finds nobody there.
    test::Until([&] {
      return home.Ask("select count(*) from pg_stat_activity where application_name like 'berth%'") == "0\n";
    });
    const Ran status = home.Migrate({"status", "-o", "tsv"});
    CHECK((status.status == 0 || status.status == 5 || status.status == 6));
    CheckTruth(home, status);
    if (status.output.find("\tHalf done\t") != std::string::npos) ++cut_off;
    if (status.status == 6) ++doubts;
    SettleDoubt(home, status);
    const Ran up = home.Migrate({"up"});
    CHECK_MESSAGE(up.status == 0, up.error);
    CHECK(World(home) == wanted);
    CHECK(home.Migrate({"status"}).status == 0);
  }
  MESSAGE(killed, " killed in mid-run, ", cut_off, " with a file half done, ", doubts, " with a statement in doubt");
  CHECK(killed > Kills() / 4);  // the machine may have been slower when the moments were measured
}

}  // namespace
}  // namespace berth
