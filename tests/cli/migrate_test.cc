#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>

#include "migrations.h"

using berth::test::Child;
using berth::test::MakeConnection;
using berth::test::MigrationHome;
using berth::test::Ran;
using berth::test::ReadFile;
using berth::test::Run;
using berth::test::TempPostgres;

namespace {

constexpr const char* kNothingByCatalog =
    "Nothing to apply, by the catalog's history (`berth migrate status` asks the warehouses as well)\n";

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// State by script, as status says: "V0001__a.sql Success".
std::string States(const MigrationHome& home) {
  const Ran ran = home.Migrate({"status", "-o", "tsv"});
  std::string out;
  std::size_t at = 0;
  while (at < ran.output.size()) {
    const auto end = ran.output.find('\n', at);
    const auto line = ran.output.substr(at, end - at);
    at = end + 1;
    std::vector<std::string> fields(1);
    for (const char c : line) c == '\t' ? void(fields.emplace_back()) : fields.back().push_back(c);
    out += fields[6] + " " + fields[2] + "\n";
  }
  return out;
}

// A connection, a table that is made and recorded, a job on it, and rows.
void Story(const MigrationHome& home) {
  home.File("V0001__warehouse.sql", MakeConnection("etl"));
  home.File("V0002__trips.sql",
            "CREATE TABLE etl.${SCHEMA}.trips (id INT, miles REAL);\n"
            "CREATE JOB far AS INSERT INTO REDSHIFT etl.${SCHEMA}.trips SELECT 1, 2;\n");
  home.File("V0003__rows.sql",
            "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.trips VALUES (1, 2.5);\n"
            "INSERT INTO ${SCHEMA}.trips VALUES (2, 3.5);\n");
  home.File("R__report.sql",
            "USE CONNECTION etl;\nCREATE OR REPLACE VIEW ${SCHEMA}.report AS SELECT id FROM ${SCHEMA}.trips;\n");
}

}  // namespace

TEST_CASE("migrate: up applies each file once, and status and history tell of it") {
  const MigrationHome home;
  Story(home);
  CHECK(home.Migrate({"status"}).status == 5);
  const Ran up = home.Migrate({"up"});
  CHECK(up.error == "4 migrations applied\n");
  CHECK(up.status == 0);
  CHECK(home.Ask("select count(*) from {s}.report") == "2\n");
  CHECK(home.Ask("select version, description, type, script, part, success, statements_done from {s}.berth_history "
                 "order by installed_rank") ==
        "2|trips|SQL|V0002__trips.sql|1|t|1\n3|rows|SQL|V0003__rows.sql|1|t|2\n|report|SQL|R__report.sql|1|t|1\n");
  CHECK(States(home) ==
        "V0001__warehouse.sql Success\nV0002__trips.sql Success\nV0003__rows.sql Success\nR__report.sql Success\n");
  CHECK(home.Migrate({"status"}).status == 0);
  const Ran again = home.Migrate({"up"});
  CHECK(again.error == kNothingByCatalog);
  CHECK(again.status == 0);
  CHECK(home.Ask("select count(*) from {s}.trips") == "2\n");
  CHECK(Has(Run(home, {"-c", "DROP CONNECTION etl"}).error,
            "Cannot delete connection due to usages: " + home.schema + ".trips far"));
}

TEST_CASE("migrate: a terminal shows which file is at work and how many are done, until it ends") {
  const MigrationHome home;
  home.File("V0001__warehouse.sql", MakeConnection("etl"));
  home.File("V0002__slow.sql", "USE CONNECTION etl;\nSELECT pg_sleep(2);\n");
  auto arguments = home.Arguments({"up"});
  Child up(home, {.arguments = std::move(arguments), .more_environment = home.Secrets(), .terminal = true});
  up.AwaitOutput("V0001__warehouse.sql applied");
  up.AwaitOutput("[##########----------] 50 %  V0002__slow.sql");
  up.AwaitOutput("\r\x1b[K");  // wiped before what is said next
  up.AwaitOutput("V0002__slow.sql applied");
  CHECK(up.Wait() == 0);
}

TEST_CASE("migrate: plan shows objects and SQL and touches neither") {
  const MigrationHome home;
  Story(home);
  const Ran plan = home.Migrate({"plan"});
  CHECK(plan.status == 5);
  CHECK(plan.output ==
        "V0001__warehouse.sql (Pending)\n  + connection etl\n"
        "V0002__trips.sql (Pending)\n  + table etl." +
            home.schema +
            ".trips\n  + job far\n  > connection etl\n"
            "      CREATE TABLE " +
            home.schema +
            ".trips (id INT, miles REAL)\n"
            "V0003__rows.sql (Pending)\n  > connection etl\n      INSERT INTO " +
            home.schema +
            ".trips VALUES (1, 2.5)\n"
            "      INSERT INTO " +
            home.schema +
            ".trips VALUES (2, 3.5)\n"
            "R__report.sql (Pending)\n  > connection etl\n      CREATE OR REPLACE VIEW " +
            home.schema + ".report AS SELECT id FROM " + home.schema + ".trips\n");
  CHECK(Run(home, {"-o", "plain", "-c", "SHOW CONNECTIONS"}).output.empty());
  CHECK(home.Ask("select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = '{s}'") ==
        "0\n");
  REQUIRE(home.Migrate({"up"}).status == 0);
  home.File("V0004__wider.sql", "ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = 3;");
  const Ran wider = home.Migrate({"plan"});
  CHECK(wider.output ==
        "V0004__wider.sql (Pending)\n  ~ connection etl\n      is:  MAX_CONCURRENT_CONNECTIONS = 3\n"
        "      used by table etl." +
            home.schema + ".trips\n      used by job far\n");
}

TEST_CASE("migrate: changed, missing and out-of-order files stop everything, and repair mends") {
  const MigrationHome home;
  Story(home);
  REQUIRE(home.Migrate({"up"}).status == 0);
  home.File("V0003__rows.sql",
            "\xEF\xBB\xBFUSE CONNECTION etl;\r\nINSERT INTO ${SCHEMA}.trips VALUES (1, 2.5);\r\n"
            "INSERT INTO ${SCHEMA}.trips VALUES (2, 3.5);\r\n");
  CHECK(home.Migrate({"validate"}).status == 0);  // line ends and byte order marks do not count

  home.File("V0003__rows.sql", "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.trips VALUES (9, 9);\n");
  home.File("V0001.5__late.sql", "DROP JOB far;");
  home.Remove("V0002__trips.sql");
  home.File("R__report.sql", "USE CONNECTION etl;\nCREATE OR REPLACE VIEW ${SCHEMA}.report AS SELECT 7 AS id;\n");
  CHECK(States(home) ==
        "V0001__warehouse.sql Success\nV0001.5__late.sql Out of order\nV0003__rows.sql Changed\nR__report.sql "
        "Outdated\nV0002__trips.sql Missing\n");
  for (const char* const command : {"status", "up", "validate", "plan"}) CHECK(home.Migrate({command}).status == 6);
  CHECK(home.Ask("select count(*) from {s}.trips") == "2\n");
  CHECK(Has(home.Migrate({"up"}).error, "DRIFT:  V0003__rows.sql was changed after it was applied or begun\nHINT:  "));

  const Ran repair = home.Migrate({"repair"});
  CHECK(repair.output ==
        "V0003__rows.sql: its text as it is now counts as the one that was applied\n"
        "V0002__trips.sql: marked as deleted\n");
  CHECK(repair.status == 6);  // a file that comes too late is not repaired by words
  home.Remove("V0001.5__late.sql");
  CHECK(home.Migrate({"up"}).error == "1 migration applied\n");
  CHECK(home.Ask("select id from {s}.report") == "7\n");
  CHECK(home.Ask("select count(*) from {s}.trips") == "2\n");
  CHECK(home.Migrate({"up"}).status == 0);
}

TEST_CASE("migrate: a failing part leaves nothing of it, and the file is finished once it is mended") {
  const MigrationHome home;
  home.File("V1__all.sql",
            MakeConnection("etl") +
                "USE CONNECTION etl;\nCREATE TABLE ${SCHEMA}.a (i int);\nINSERT INTO ${SCHEMA}.b VALUES (1);\n"
                "ATTACH JOB 'x' USING CONNECTION etl;\n");
  const Ran failed = home.Migrate({"up"});
  CHECK(failed.status == 1);
  CHECK(Has(failed.error, "ERROR:  V1__all.sql:4: relation \"" + home.schema + ".b\" does not exist"));
  CHECK(home.Ask("select to_regclass('{s}.a') is null") == "t\n");
  CHECK(States(home) == "V1__all.sql Half done\n");
  CHECK(Has(home.Migrate({"status"}).output, "1 of 3 (catalog, etl, catalog)"));
  home.Ask("create table {s}.b (i int)");
  const Ran up = home.Migrate({"up"});
  CHECK_MESSAGE(up.status == 0, up.error);
  CHECK(home.Ask("select count(*) from {s}.b") == "1\n");
  CHECK(States(home) == "V1__all.sql Success\n");
}

TEST_CASE("migrate: mistakes on the catalog are found before anything is sent") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "USE CONNECTION etl;\nCREATE TABLE ${SCHEMA}.a (i int);\n");
  home.File("V2__oops.sql", "\nDROP CONNECTION elt;");
  const Ran up = home.Migrate({"up"});
  CHECK(up.status == 1);
  CHECK(Has(up.error, "V2__oops.sql:2: "));
  CHECK(Has(up.error, "Did you mean"));
  CHECK(States(home) == "V1__etl.sql Pending\nV2__oops.sql Pending\n");
}

TEST_CASE("migrate: a file without a transaction goes on where it was cut off, and a statement in doubt is named") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  home.File("V2__steps.sql",
            "-- berth: no transaction\nUSE CONNECTION etl;\nINSERT INTO ${SCHEMA}.a VALUES (1);\n"
            "VACUUM ${SCHEMA}.a;\nTRUNCATE ${SCHEMA}.a;\nINSERT INTO ${SCHEMA}.b VALUES (1);\n"
            "SELECT pg_terminate_backend(pg_backend_pid());\nINSERT INTO ${SCHEMA}.a VALUES (3);\n");
  const Ran failed = home.Migrate({"up"});
  CHECK(failed.status == 1);
  CHECK(Has(failed.error, "3 of 6 statements of the file are done; `berth migrate up` goes on with this one."));
  CHECK(States(home) == "V1__etl.sql Success\nV2__steps.sql Half done\n");
  home.Ask("create table {s}.b (i int)");
  const Ran lost = home.Migrate({"up"});
  CHECK(lost.status == 1);
  CHECK(States(home) == "V1__etl.sql Success\nV2__steps.sql In doubt\n");
  CHECK(home.Migrate({"up"}).status == 6);
  CHECK(home.Migrate({"repair"}).status == 6);
  const Ran settled = home.Migrate({"repair", "--assume", "applied"});
  CHECK(settled.output == "V2__steps.sql: statement 5 on connection etl counts as applied\n");
  CHECK(settled.status == 0);
  CHECK(home.Migrate({"up"}).status == 0);
  CHECK(home.Ask("select (select count(*) from {s}.a), (select count(*) from {s}.b)") == "1|1\n");
  CHECK(home.Migrate({"status"}).status == 0);
}

TEST_CASE("migrate: a lost history of a warehouse is settled by --assume") {
  const MigrationHome home;
  Story(home);
  REQUIRE(home.Migrate({"up"}).status == 0);
  home.Ask("delete from {s}.berth_history where script = 'V0003__rows.sql'");
  CHECK(Has(States(home), "V0003__rows.sql Lost\n"));
  CHECK(home.Migrate({"validate"}).status == 6);
  CHECK(home.Migrate({"up"}).error == kNothingByCatalog);
  home.File("V0004__more.sql", "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.trips VALUES (3, 4.5);\n");
  CHECK(home.Migrate({"up"}).status == 6);
  CHECK(home.Ask("select count(*) from {s}.trips") == "2\n");
  home.Remove("V0004__more.sql");
  CHECK(home.Migrate({"repair", "--assume", "applied"}).status == 0);
  CHECK(home.Migrate({"status"}).status == 0);
  home.Ask("delete from {s}.berth_history where script = 'V0003__rows.sql'");
  CHECK(home.Migrate({"repair", "--assume", "not-applied"}).status == 0);
  CHECK(home.Migrate({"up"}).error == "1 migration applied\n");
  CHECK(home.Ask("select count(*) from {s}.trips") == "4\n");
}

TEST_CASE("migrate: up asks the warehouse of a connection that was changed since") {
  const MigrationHome home;
  Story(home);
  REQUIRE(home.Migrate({"up"}).status == 0);
  home.Ask("delete from {s}.berth_history where script = 'V0003__rows.sql'");
  REQUIRE(Run(home, {"-c", "ALTER REDSHIFT CONNECTION etl SET COMMENT = 'elsewhere'"}).status == 0);
  CHECK(home.Migrate({"up"}).status == 6);
}

TEST_CASE("migrate: another catalog finds what the warehouse knows, and runs nothing twice") {
  const MigrationHome home;
  Story(home);
  REQUIRE(home.Migrate({"up"}).status == 0);
  const Ran second = [&] {
    auto arguments = home.Arguments({"up", "--catalog", "sqlite:" + (home / "second.db")});
    berth::test::Child child(home, {.arguments = arguments, .more_environment = home.Secrets()});
    child.CloseInput();
    const int status = child.Wait();
    return Ran{.status = status, .output = child.output(), .error = child.error()};
  }();
  CHECK_MESSAGE(second.status == 0, second.error);
  CHECK(home.Ask("select count(*) from {s}.trips") == "2\n");
  CHECK(home.Ask("select count(*) from {s}.berth_history") == "3\n");
  CHECK(Run(home, {"--catalog", "sqlite:" + (home / "second.db"), "-o", "plain", "-c", "SHOW JOBS"})
            .output.starts_with("far\t"));
}

TEST_CASE("migrate: two runners at once: one applies, the other waits or says who is at it") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  home.File("V2__slow.sql", "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.a SELECT 1 FROM pg_sleep(1);\n");
  berth::test::Child first(home, {.arguments = home.Arguments({"up"}), .more_environment = home.Secrets()});
  first.AwaitOutput("V1__etl.sql applied");
  const Ran refused = home.Migrate({"up", "--no-wait"});
  CHECK(refused.status == 4);
  CHECK(Has(refused.error, "migrations of this catalog are run by process " + std::to_string(first.pid()) + " of "));
  const Ran second = home.Migrate({"up"});
  CHECK(second.status == 0);
  CHECK(Has(second.error, "Waiting: migrations of this catalog are run by process " + std::to_string(first.pid())));
  CHECK(Has(second.error, "Nothing to apply\n"));
  CHECK(first.Wait() == 0);
  CHECK(home.Ask("select count(*) from {s}.a") == "1\n");
}

TEST_CASE("migrate: what a killed rehearsal has left is removed by the next, and nothing of a living one") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl"));
  const auto in = home / "tmp/";
  for (const auto* const name : {"berth-rehearsal-killed", "berth-rehearsal-lives", "another"}) {
    std::filesystem::create_directories(in + name + "/slots");
    std::ofstream(in + name + "/catalog.db.key") << "secret";
  }
  const int living = ::open((in + "berth-rehearsal-lives").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(::flock(living, LOCK_EX) == 0);
  auto environment = home.Secrets();
  environment.push_back("TMPDIR=" + in);
  Child plan(home, {.arguments = home.Arguments({"plan"}), .more_environment = environment});
  CHECK(plan.Wait() == 5);
  std::set<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(in)) left.insert(entry.path().filename());
  CHECK(left == std::set<std::string>{"another", "berth-rehearsal-lives"});
  ::close(living);
}

TEST_CASE("migrate: what a file may not hold is refused, with its line") {
  const MigrationHome home;
  const auto refusal = [&](const std::string& text) {
    home.File("V1__x.sql", text);
    const Ran ran = home.Migrate({"validate"});
    CHECK(ran.status == 1);
    return ran.error;
  };
  CHECK(Has(refusal("USE CONNECTION etl;\nTRUNCATE a;"), "V1__x.sql:2: TRUNCATE cannot be part of"));
  CHECK(Has(refusal("USE CONNECTION etl;\nVACUUM;"), "VACUUM cannot be part of"));
  CHECK(Has(refusal("USE CONNECTION etl;\nALTER TABLE a APPEND FROM b;"), "ALTER TABLE APPEND cannot"));
  CHECK(Has(refusal("BEGIN;"), "holds no BEGIN, COMMIT or ROLLBACK"));
  CHECK(Has(refusal("\nSELECT 1;"), "V1__x.sql:2: this is not a statement of Berth's own"));
  CHECK(Has(refusal("USE CONNECTION c; SELECT '${NOT_SET}';"), "V1__x.sql:1: no variable is named NOT_SET"));
  CHECK(Has(refusal("CREATE REDSHIFT CONNECTION c CONNECTION_STRING = '${URL}' USER_NAME = 'u' PASSWORD = 'geheim';"),
            "a migration holds no password"));
  CHECK(!Has(refusal("CREATE REDSHIFT CONNECTION c CONNECTION_STRING = '${URL}' USER_NAME = 'u' PASSWORD = 'geheim';"),
             "geheim"));
  for (const auto* const text : {"CREATE SECRET s AS 'geheim';", "ALTER SECRET s AS 'geheim';"}) {
    const auto error = refusal(std::string("-- x\n") + text);
    CHECK(Has(error, "V1__x.sql:2: a migration holds no secret"));
    CHECK(!Has(error, "geheim"));
  }
  CHECK(Has(refusal("-- berth: no transactoin\nSELECT 1;"), "is not understood"));
  home.File("notes.txt", "not a migration");
  home.File("V2_wrong.sql", "SELECT 1;");
  CHECK(Has(home.Migrate({"validate"}).error, "V2_wrong.sql is not the name of a migration"));
}

TEST_CASE("migrate: --to, new, diff, usage") {
  const MigrationHome home;
  Story(home);
  CHECK(home.Migrate({"up", "--to", "2"}).error == "2 migrations applied\n");
  CHECK(home.Migrate({"up"}).error == "2 migrations applied\n");
  const Ran made = home.Migrate({"new", "add jobs"});
  CHECK(made.output == (home / "files/V0004__add_jobs.sql") + "\n");
  CHECK(made.status == 0);
  home.Remove("V0004__add_jobs.sql");
  CHECK(home.Migrate({"diff"}).status == 0);
  REQUIRE(Run(home, {"-c",
                     "ALTER REDSHIFT CONNECTION etl SET COMMENT = 'by hand'; DROP JOB far; "
                     "ATTACH JOB 'airflow:x' USING CONNECTION etl"})
              .status == 0);
  const Ran diff = home.Migrate({"diff"});
  CHECK(diff.status == 6);
  CHECK(Has(diff.output, "DETACH JOB"));
  CHECK(Has(diff.output, "CREATE OR REPLACE REDSHIFT CONNECTION etl"));
  CHECK(Has(diff.output, "CREATE JOB far"));
  const auto script = home.Write("back.sql", diff.output);
  REQUIRE(Run(home, {"-f", script}).status == 0);
  CHECK(home.Migrate({"diff"}).status == 0);
  CHECK(home.Migrate({"sideways"}).status == 2);
  CHECK(home.Migrate({"status", "--assume", "applied"}).status == 2);
  CHECK(Run(home, {"migrate", "--help"}).status == 0);
}

TEST_CASE("migrate: a connection whose password is sealed can be altered") {
  const MigrationHome home;
  REQUIRE(Run(home, {"-f", "-"}, berth::test::CreateConnection("sealed", TempPostgres::Shared().password())).status ==
          0);
  home.File("V1__user.sql", "ALTER REDSHIFT CONNECTION sealed SET USER_NAME = 'somebody';");
  const Ran up = home.Migrate({"up"});
  CHECK_MESSAGE(up.status == 0, up.error);
}

TEST_CASE("migrate: groups are objects of plan and diff") {
  const MigrationHome home;
  home.File("V0001__group.sql", "CREATE CONNECTION GROUP cluster MAX_CONCURRENT_CONNECTIONS = 5;\n" +
                                    MakeConnection("etl") + "ALTER REDSHIFT CONNECTION etl SET GROUP = cluster;\n");
  CHECK(Has(home.Migrate({"plan"}).output, "+ connection group cluster\n"));
  REQUIRE(home.Migrate({"up"}).status == 0);
  CHECK(home.Migrate({"diff"}).status == 0);
  REQUIRE(Run(home, {"-c",
                     "ALTER CONNECTION GROUP cluster SET MAX_CONCURRENT_CONNECTIONS = 6; "
                     "CREATE CONNECTION GROUP other MAX_CONCURRENT_CONNECTIONS = 2"})
              .status == 0);
  const Ran diff = home.Migrate({"diff"});
  CHECK(diff.status == 6);
  CHECK(Has(diff.output, "DROP CONNECTION GROUP other;"));
  CHECK(Has(diff.output, "CREATE OR REPLACE CONNECTION GROUP cluster"));
  REQUIRE(Run(home, {"-f", home.Write("back.sql", diff.output)}).status == 0);
  CHECK(home.Migrate({"diff"}).status == 0);
}
