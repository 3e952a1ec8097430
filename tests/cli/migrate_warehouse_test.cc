// One file after the other on one warehouse: the transaction of the next begins with the COMMIT of the one before.
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "migrations.h"
#include "warehouse.h"

using berth::test::Active;
using berth::test::Child;
using berth::test::MakeConnection;
using berth::test::MigrationHome;
using berth::test::Ran;
using berth::test::TempPostgres;
using berth::test::Until;

namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void Insert(const MigrationHome& home, const std::string& script, int n) {
  home.File(script, "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.a VALUES (" + std::to_string(n) + ");\n");
}

}  // namespace

TEST_CASE("migrate: whatever a file is called, the history has its name") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  Insert(home, "V2__o'neil's; rollback.sql", 2);
  Insert(home, "V3__a\\b.sql", 3);
  Insert(home, "V4__$1 and {history} \"x\".sql", 4);
  Insert(home, "V5__gr\u00fc\u00dfe -- \u2603.sql", 5);
  const Ran up = home.Migrate({"up"});
  CHECK_MESSAGE(up.status == 0, up.error);
  CHECK(home.Ask("select script, description, version from {s}.berth_history where script <> 'V1__etl.sql' order by "
                 "installed_rank") ==
        "V2__o'neil's; rollback.sql|o'neil's; rollback|2\n"
        "V3__a\\b.sql|a\\b|3\n"
        "V4__$1 and {history} \"x\".sql|$1 and {history} \"x\"|4\n"
        "V5__gr\u00fc\u00dfe -- \u2603.sql|gr\u00fc\u00dfe -- \u2603|5\n");
  CHECK(home.Ask("select string_agg(i::text, ',' order by i) from {s}.a") == "2,3,4,5\n");
  CHECK(home.Migrate({"status"}).status == 0);
}

TEST_CASE("migrate: what the server refuses at the COMMIT leaves nothing of the file, and the next is not run") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") +
                               "CREATE TABLE etl.${SCHEMA}.a (i int PRIMARY KEY);\n"
                               "CREATE TABLE etl.${SCHEMA}.b (i int REFERENCES ${SCHEMA}.a DEFERRABLE INITIALLY "
                               "DEFERRED);\n");
  Insert(home, "V2__row.sql", 2);
  home.File("V3__nowhere.sql", "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.b VALUES (7);\n");
  Insert(home, "V4__row.sql", 4);
  const Ran up = home.Migrate({"up"});
  CHECK(up.status == 1);
  CHECK(Has(up.error, "V3__nowhere.sql: "));
  CHECK(Has(up.error, "foreign key constraint"));
  CHECK(home.Ask("select (select string_agg(i::text, ',') from {s}.a), (select count(*) from {s}.b)") == "2|0\n");
  CHECK(home.Ask("select string_agg(script, ',' order by installed_rank) from {s}.berth_history") ==
        "V1__etl.sql,V2__row.sql\n");
  home.File("V3__nowhere.sql", "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.b VALUES (2);\n");
  CHECK(home.Migrate({"up"}).error == "2 migrations applied\n");
}

TEST_CASE("migrate: settings of one file are not the next one's, in one run as in two") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  home.File("V2__set.sql", "USE CONNECTION etl;\nSET default_transaction_read_only = on;\n");
  Insert(home, "V3__row.sql", 3);
  home.File("V4__config.sql",
            "-- berth: no transaction\nUSE CONNECTION etl;\nSELECT set_config('search_path', 'nowhere', false);\n");
  home.File("V5__row.sql",
            "USE CONNECTION etl;\n"
            "INSERT INTO ${SCHEMA}.a SELECT 5 WHERE current_setting('search_path') <> 'nowhere';\n");
  home.File("V6__local.sql", "USE CONNECTION etl;\nSET LOCAL search_path = ${SCHEMA};\nINSERT INTO a VALUES (6);\n");
  Insert(home, "V7__row.sql", 7);
  const Ran up = home.Migrate({"up"});
  CHECK_MESSAGE(up.status == 0, up.error);
  CHECK(home.Ask("select string_agg(i::text, ',' order by i) from {s}.a") == "3,5,6,7\n");
  CHECK(home.Migrate({"status"}).status == 0);
}

TEST_CASE("migrate: a file without a transaction goes on with the settings that it had made") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  home.File("V2__steps.sql",
            "-- berth: no transaction\nUSE CONNECTION etl;\nSET search_path = nowhere;\nRESET search_path;\n"
            "SET search_path = ${SCHEMA};\nSELECT set_config('application_name', 'kept', false);\n"
            "INSERT INTO a SELECT length(set_config('work_mem', '1MB', false)) - 2;\nINSERT INTO b VALUES (1);\n"
            "INSERT INTO a SELECT 2 WHERE current_setting('application_name') = 'kept';\n");
  CHECK(home.Migrate({"up"}).status == 1);
  home.Ask("create table {s}.b (i int)");
  const Ran up = home.Migrate({"up"});
  CHECK_MESSAGE(up.status == 0, up.error);
  CHECK(Has(up.error, "WARNING:  V2__steps.sql:7: what this statement set went with its session"));
  CHECK(home.Ask("select (select string_agg(i::text, ',' order by i) from {s}.a), (select count(*) from {s}.b)") ==
        "1,2|1\n");
}

TEST_CASE("migrate: a file that drops the history is undone, and told of in plain words") {
  const MigrationHome home;
  home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
  home.File("V2__drop.sql", "USE CONNECTION etl;\nDROP TABLE ${SCHEMA}.berth_history;\n");
  const Ran up = home.Migrate({"up"});
  CHECK(up.status == 1);
  CHECK(up.error == "ERROR:  V2__drop.sql: relation \"" + home.schema + ".berth_history\" does not exist\n");
  CHECK(home.Ask("select count(*) from {s}.berth_history") == "1\n");
}

// Two files, and somebody who has the lock of the history from the COMMIT of the first on.
struct Interrupted {
  MigrationHome home;
  Ran up;

  // What the runner is told, and what befalls its lock.
  explicit Interrupted(std::vector<std::string> command, const std::string& seconds) {
    home.File("V1__etl.sql", MakeConnection("etl") + "CREATE TABLE etl.${SCHEMA}.a (i int);\n");
    REQUIRE(home.Migrate({"up"}).status == 0);
    home.File("V2__slow.sql",
              "USE CONNECTION etl;\nINSERT INTO ${SCHEMA}.a VALUES (2);\nSELECT pg_sleep(1), 'slow ${SCHEMA}';\n");
    Insert(home, "V3__row.sql", 3);
    Child runner(home, {.arguments = home.Arguments(std::move(command)), .more_environment = home.Secrets()});
    Until([&] { return Active("slow " + home.schema) == 1; });
    Child other(home, {.arguments = {"-C", "etl", "-c",
                                     "BEGIN; LOCK TABLE " + home.schema + ".berth_history_lock; SELECT pg_sleep(" +
                                         seconds + "); COMMIT"},
                       .more_environment = home.Secrets()});
    up.status = runner.Wait();
    up.output = runner.output();
    up.error = runner.error();
    CHECK(home.Ask("select string_agg(script, ',' order by installed_rank) from {s}.berth_history where part = 1 and "
                   "script <> 'V1__etl.sql'") == "V2__slow.sql\n");
    CHECK(other.Wait() == 0);
  }
  void CheckEnd() const {
    CHECK(up.status == 1);
    CHECK(Has(up.output, "V2__slow.sql applied"));
    CHECK_FALSE(Has(up.output, "V3__row.sql"));
    CHECK(home.Migrate({"up"}).error == "1 migration applied\n");
    CHECK(home.Ask("select string_agg(i::text, ',' order by i) from {s}.a") == "2,3\n");
  }
};

TEST_CASE("migrate: a lock that the next file does not get in time fails that one alone") {
  for (const char* const wait : {"500ms", "10s"}) {
    const Interrupted run({"up", "--wait", wait}, std::string(wait) == "10s" ? "21" : "2");
    CHECK(Has(run.up.error, "the statement was cancelled: it ran longer than its limit"));
    run.CheckEnd();
  }
}

TEST_CASE("migrate: a lock that the server refuses fails the next file alone") {
  auto& server = TempPostgres::Shared();
  server.Psql("alter role berth set lock_timeout = '1500ms'");
  const Interrupted run({"up"}, "4");
  server.Psql("alter role berth reset lock_timeout");
  CHECK(Has(run.up.error, "lock timeout"));
  run.CheckEnd();
}
