#include "parser/leading_words.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::parser {
namespace {

Owner OwnerOf(std::string_view text) {
  return Classify(text, false).owner;
}
TransactionWord TransactionOf(std::string_view text) {
  return Classify(text, false).transaction;
}

}  // namespace

TEST_CASE("our own statements are ours, in any case and with comments between the words") {
  for (const auto* text : {
           "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'x'",
           "create or replace redshift connection if not exists c",
           "CREATE REDSHIFT CONECTION c",
           "CREATE SNOWFLAKE CONNECTION c",
           "CREATE REDSHFT CONNECTION c CONNECTION_STRING = 'x'",
           "CREATE CONNECTION GROUP g",
           "ALTER redshift CONNECTION x SET user_name = 'u' SET password = 'p'",
           "ALTER CONNECTION GROUP g",
           "DROP CONNECTION IF EXISTS \"my_test_conn\";",
           "DROP REDSHIFT CONNECTION c",
           "SHOW CONNECTIONS LIKE 'p'",
           "SHOW CONNECTION OPTIONS",
           "SHOW CREATE CONNECTION c",
           "SHOW CREATE JOB j",
           "SHOW DEPENDENTS OF CONNECTION c",
           "SHOW HISTORY OF CONNECTION c",
           "SHOW SLOTS OF CONNECTION c",
           "SHOW SESSIONS OF CONNECTION c",
           "SHOW POOLS",
           "SHOW JOBS",
           "SHOW SECRETS",
           "SHOW berth.timeout",
           "SET berth.timeout = 3",
           "TEST CONNECTION c",
           "VALIDATE CONNECTION c",
           "PAUSE CONNECTION c FOR '1h'",
           "RESUME CONNECTION c",
           "PAUSE JOB j",
           "RESUME JOB j",
           "RUN JOB j",
           "SHOW JOB RUNS OF j",
           "CREATE JOB j AS SELECT 1",
           "CREATE OR REPLACE SYNC JOB j AS SELECT 1",
           "ALTER JOB j SET COMMENT = 'x'",
           "DROP JOB IF EXISTS j",
           "ATTACH TABLE c.s.t",
           "DETACH TABLE c.s.t",
           "ATTACH JOB 'airflow:dag' USING CONNECTION c",
           "DETACH JOB 'airflow:dag'",
           "CREATE SECRET s",
           "CREATE OR REPLACE SECRET s",
           "SHOW CREATE SECRET s",
           "EXPLAIN CREATE OR REPLACE SYNC JOB j AS SELECT 1",
           "EXPLAIN CREATE SECRET s",
           "EXPLAIN ALTER JOB j SET COMMENT = 'x'",
           "EXPLAIN DROP SECRET s",
           "EXPLAIN DETACH TABLE c.s.t",
           "EXPLAIN ATTACH JOB j USING CONNECTION c",
           "ALTER SECRET s",
           "DROP SECRET s",
           "CREATE SERVICE USER a",
           "DROP SERVICE USER a",
           "SHOW SERVICE USERS",
           "CREATE ACCESS KEY FOR a",
           "DISABLE ACCESS KEY k",
           "ENABLE ACCESS KEY k",
           "SHOW ACCESS KEYS FOR a",
           "SHOW GRANTS;",
           "SHOW GRANTS ON CONNECTION c",
           "SHOW GRANTS TO SERVICE USER a",
           "GRANT USAGE ON CONNECTION c TO SERVICE USER a",
           "REVOKE USAGE ON CONNECTION c FROM SERVICE USER a",
           "EXPLAIN CREATE REDSHIFT CONNECTION c",
           "EXPLAIN ALTER REDSHIFT CONNECTION c",
           "EXPLAIN DROP CONNECTION c CASCADE",
           "EXPLAIN ALTER REDSHIFT CONNECTION c ROTATE PASSWORD",
           "EXPLAIN CREATE ACCESS KEY FOR a",
           "EXPLAIN DISABLE ACCESS KEY k",
           "EXPLAIN PAUSE CONNECTION c",
           "EXPLAIN RESUME JOB j",
           "EXPLAIN RUN JOB j",
           "EXECUTE ON CONNECTION c AS $$ select 1 $$",
           "USE CONNECTION c",
           "-- first\n/* a /* nested */ one */ DROP /* x */ -- y\n CONNECTION c",
           ";; DROP CONNECTION c",
       }) {
    CAPTURE(text);
    CHECK(OwnerOf(text) == Owner::kOurs);
  }
}

TEST_CASE("what a server's statement begins with is the server's") {
  for (const auto* text : {
           "SELECT 1",
           "CREATE TABLE connection (a int)",
           "CREATE VIEW connection AS SELECT 1",
           "CREATE DATABASE connection WITH OWNER = x",
           "CREATE USER connection PASSWORD 'x'",
           "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
           "CREATE SUBSCRIPTION connection CONNECTION 'host=x' PUBLICATION p",
           "CREATE OR REPLACE VIEW connection AS SELECT 1",
           "CREATE ACCESS METHOD m TYPE INDEX HANDLER h",
           "CREATE USER u PASSWORD 'x'",
           "CREATE TABLE s.t (a int)",
           "CREATE TABLE t (a int)",
           "CREATE TABLE IF NOT EXISTS s.t (a int)",
           "CREATE TEMP TABLE a.b.c (x int)",
           "CREATE EXTERNAL TABLE a.b.c (x int)",
           "ALTER TABLE connection RENAME TO x",
           "ALTER TABLE a ATTACH PARTITION b DEFAULT",
           "ALTER TABLE redshift ADD COLUMN x int",
           "ALTER SUBSCRIPTION s CONNECTION 'x'",
           "DROP TABLE connection",
           "DROP TABLE s.t",
           "DROP TABLE IF EXISTS t",
           "ATTACH RLS POLICY p ON t TO ROLE r",
           "DETACH MASKING POLICY p ON t FROM PUBLIC",
           "SHOW GRANTS ON TABLE t",
           "SHOW GRANTS FOR ROLE r",
           "GRANT USAGE ON SCHEMA s TO x",
           "GRANT USAGE ON connection TO x",
           "GRANT SELECT ON CONNECTION TO x",
           "REVOKE USAGE ON connection FROM x",
           "EXPLAIN SELECT 1",
           "EXPLAIN CREATE TABLE connection AS SELECT 1",
           "EXPLAIN CREATE TABLE x AS SELECT 1",
           "EXPLAIN DROP ACCESS METHOD m",
           "EXECUTE p (1)",
           "EXECUTE connection",
           "SHOW search_path",
           "SHOW ALL",
           "SHOW TABLES FROM SCHEMA d.s",
           "SHOW DATABASES",
           "SHOW COLUMNS FROM TABLE a.b.c",
           "SHOW GRANTS ON TABLE t",
           "SHOW VIEW v",
           "SET search_path TO a",
           "SET berthx.a = 1",
           "PREPARE TRANSACTION 'x'",
           "INSERT INTO REDSHIFT c.s.t SELECT 1",
           "COMMENT ON TABLE t IS 'x'",
           "'CREATE REDSHIFT CONNECTION'",
           "\"CREATE\" REDSHIFT CONNECTION c",
           "$1",
           "(SELECT 1)",
       }) {
    CAPTURE(text);
    CHECK(OwnerOf(text) == Owner::kServer);
    CHECK(TransactionOf(text) == TransactionWord::kNone);
  }
}

TEST_CASE("three forms depend on their first name") {
  struct Row {
    const char* text;
    const char* name;
  };
  for (const auto& row :
       {Row{"USE Dev", "dev"}, Row{"USE \"Dev\";", "Dev"}, Row{"use connection", "connection"},
        Row{"CREATE TABLE C.s.t (a int)", "c"}, Row{"create table if not exists \"C\".s.t (a int)", "C"},
        Row{"DROP TABLE c . s . t", "c"}, Row{"DROP TABLE IF EXISTS c.s.t, x", "c"},
        Row{"CREATE TABLE c.s.t AS SELECT 1", "c"}, Row{"DROP TABLE \"a\"\"b\".s.t", "a\"b"}}) {
    CAPTURE(row.text);
    const auto found = Classify(row.text, false);
    CHECK(found.owner == Owner::kEither);
    CHECK(found.first_name == row.name);
  }
}

TEST_CASE("transaction words") {
  using enum TransactionWord;
  struct Row {
    const char* text;
    TransactionWord word;
    bool chain = false;
  };
  for (const auto& row : {
           Row{"BEGIN", kBegin},
           Row{"begin work;", kBegin},
           Row{"BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, NOT DEFERRABLE", kBegin},
           Row{"BEGIN READ WRITE -- so", kBegin},
           Row{"START TRANSACTION", kBegin},
           Row{"START TRANSACTION ISOLATION LEVEL READ COMMITTED;", kBegin},
           Row{"COMMIT", kCommit},
           Row{"END", kCommit},
           Row{"COMMIT WORK AND NO CHAIN", kCommit},
           Row{"END TRANSACTION AND CHAIN", kCommit, true},
           Row{"ROLLBACK", kRollback},
           Row{"abort transaction", kRollback},
           Row{"ROLLBACK AND CHAIN", kRollback, true},
           Row{"ROLLBACK TO SAVEPOINT a", kNone},
           Row{"ROLLBACK WORK TO a", kNone},
           Row{"ROLLBACK PREPARED 'x'", kNone},
           Row{"COMMIT PREPARED 'x'", kNone},
           Row{"BEGIN; SELECT 1; COMMIT", kNone},
           Row{"COMMIT nonsense", kNone},
           Row{"START", kNone},
           Row{"BEGINX", kNone},
       }) {
    CAPTURE(row.text);
    const auto found = Classify(row.text, false);
    CHECK(found.owner == Owner::kServer);
    CHECK(found.transaction == row.word);
    CHECK(found.chain == row.chain);
  }
}

TEST_CASE("SELECTs on Berth's own tables") {
  for (const auto* text : {"SELECT * FROM system.information_schema.connections",
                           "select name, (select 1 from t) from System . "
                           "Information_Schema . jobs j",
                           "SELECT extract(year FROM x) FROM system.information_schema.tables;",
                           "-- all\n /* of */ ;SELECT * FROM \"system\" . \"information_schema\".\"tables\"",
                           "SELECT * FROM (SELECT name FROM system.information_schema.jobs) j",
                           "SELECT * FROM (VALUES (1)) t, system.information_schema.tables",
                           "SELECT 1 WHERE EXISTS (SELECT 1 FROM system.information_schema.jobs)",
                           "WITH j AS (SELECT * FROM system.information_schema.jobs) SELECT count(*) FROM j",
                           "with recursive r(n) as (select 1) select * from r join SYSTEM.information_schema.jobs on 1",
                           "(SELECT name FROM system.information_schema.jobs)"}) {
    CAPTURE(text);
    CHECK(OwnerOf(text) == Owner::kSystem);
  }
  for (const auto* text :
       {"SELECT * FROM information_schema.tables", "SELECT 1", "SELECT 'FROM system.information_schema.jobs'",
        "SELECT 1; SELECT * FROM system.information_schema.jobs", "SELECT system.information_schema.jobs FROM t",
        "SELECT * FROM \"SYSTEM\".information_schema.jobs", "SELECT * FROM dev.system.information_schema.jobs",
        "WITH x AS (SELECT 1) SELECT * FROM x -- FROM system.information_schema.jobs", "SELECT * FROM system.tables",
        "INSERT INTO t SELECT * FROM system.information_schema.jobs"}) {
    CAPTURE(text);
    CHECK(OwnerOf(text) == Owner::kServer);
  }
}

TEST_CASE("texts without a statement") {
  for (const auto* text : {"", "  \n", ";", " ; ; ", "-- only a comment", "/* and /* another */ */", "/* open"}) {
    CAPTURE(text);
    CHECK(OwnerOf(text) == Owner::kEmpty);
  }
}

TEST_CASE("grammar/README.md shows the table as it is") {
  std::ifstream file(test::SourceDir() / "grammar/README.md");
  REQUIRE(file);
  std::vector<std::string> shown;
  bool section = false;
  bool block = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) section = line == "## Ours or the server's: the table of leading words";
    if (!section) continue;
    if (line == "```") {
      block = !block;
    } else if (block) {
      shown.push_back(line);
    }
  }
  std::vector<std::string> held;
  for (const auto& row : LeadingWordsTable()) {
    std::string owner = "ours";
    if (row.owner == Owner::kEither) owner = "either";
    if (row.owner == Owner::kSystem) owner = "system";
    if (row.transaction != TransactionWord::kNone) owner = "transaction";
    owner.resize(13, ' ');
    held.push_back(owner + std::string(row.form));
  }
  CHECK(shown == held);
}

}  // namespace berth::parser
