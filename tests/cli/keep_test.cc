#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "child.h"
#include "unit/catalog/raw_sql.h"
#include "warehouse.h"

namespace berth::test {
namespace {

namespace fs = std::filesystem;

bool Has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

// What a person with a database tool does, or a crash leaves.
void Edit(const Home& home, const std::string& sql) {
  catalog::RawSql(home / "data/berth/catalog.db", sql);
}

}  // namespace

TEST_CASE("backup, restore elsewhere, and the connection logs in there") {
  const HomeWithConnection home;
  const Ran backed = Run(home, {"backup", home / "copy", "--with-key"});
  CHECK(backed.status == 0);
  CHECK(Has(backed.output, "backed up 1 connections"));
  const Ran again = Run(home, {"backup", home / "copy"});
  CHECK(again.status == 1);
  CHECK(Has(again.error, "is not an empty folder"));
  const std::string other = "sqlite:" + (home / "elsewhere/c.db");
  const Ran restored = Run(home, {"restore", home / "copy", "--catalog", other});
  CHECK(restored.status == 0);
  CHECK(restored.error.empty());
  CHECK(Run(home, {"--catalog", other, "-C", "etl", "-o", "plain", "-c", "select 41 + 1"}).output == "42\n");
  const Ran over = Run(home, {"restore", home / "copy", "--catalog", other});
  CHECK(over.status == 1);
  CHECK(Has(over.error, "is there"));
}

TEST_CASE("a backup without the key says which one it needs") {
  const HomeWithConnection home;
  CHECK(Has(Run(home, {"backup", home / "copy"}).output, "which is not with it"));
  const std::string other = "sqlite:" + (home / "elsewhere/c.db");
  const Ran restored = Run(home, {"restore", home / "copy", "--catalog", other});
  CHECK(restored.status == 0);
  CHECK(Has(restored.error, "WARNING:  its passwords are sealed with key"));
  CHECK(Run(home, {"--catalog", other, "-C", "etl", "-c", "select 1"}).status != 0);
}

TEST_CASE("rekey: another key, the same passwords; the backup of before still opens with the key file of now") {
  const HomeWithConnection home;
  CHECK(Run(home, {"backup", home / "copy"}).status == 0);
  const Ran changed = Run(home, {"rekey"});
  CHECK(changed.status == 0);
  CHECK(Has(changed.output, "1 passwords and secrets of access keys are sealed with key"));
  CHECK(Run(home, {"-C", "etl", "-o", "plain", "-c", "select 1"}).output == "1\n");
  CHECK(Run(home, {"check"}).status == 0);
}

TEST_CASE("rekey killed at any moment: the passwords open, and the next one completes it") {
  const HomeWithConnection home;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    {
      Child child(home, {.arguments = {"rekey"}});
      for (int i = 0; i < round * 2'000; ++i) ::getppid();  // a little later each time
      child.Signal(SIGKILL);
      child.Wait();
    }
    CHECK(Run(home, {"check"}).status == 0);
  }
  CHECK(Run(home, {"rekey"}).status == 0);
  CHECK(Run(home, {"-C", "etl", "-o", "plain", "-c", "select 1"}).output == "1\n");
}

TEST_CASE("check mends a CREATE and a DROP TABLE that were cut off, by what the warehouse says") {
  const HomeWithConnection home;
  auto& server = TempPostgres::Shared();
  server.Psql("create schema if not exists cut");
  server.Psql("create table if not exists cut.was_made (i int)");
  CHECK(Run(home, {"-c", "ATTACH TABLE etl.cut.was_made"}).status == 0);
  Edit(home,
       "UPDATE tables SET state = 'creating', intent_pid = 1, intent_started = 1;"
       "INSERT INTO tables (connection_id, schema_name, table_name, state, attached, created_at, created_by, "
       "modified_at,"
       " modified_by) SELECT connection_id, 'cut', 'was_dropped', 'dropping', 0, '', '', '', '' FROM tables");
  const Ran mended = Run(home, {"check"});
  CHECK(mended.status == 0);
  CHECK(Has(mended.output, "mended: the creation of table cut.was_made was cut off; the warehouse has the table"));
  CHECK(Has(mended.output, "mended: the drop of table cut.was_dropped was cut off; the warehouse has no such table"));
  CHECK(Has(mended.output, "in order"));
  const Ran clean = Run(home, {"check"});
  CHECK_FALSE(Has(clean.output, "mended"));
}

TEST_CASE("check: what is wrong is told, and the status is 1") {
  const HomeWithConnection home;
  Edit(home, "UPDATE connections SET host = 'evil.example'");
  const Ran check = Run(home, {"check"});
  CHECK(check.status == 1);
  CHECK(Has(check.output, "FAULT: the password of connection etl does not open: its row was edited past Berth"));
}

TEST_CASE("backup, check and rekey of a catalog that is not there make none") {
  const Home home;
  const std::string file = home / "typo/c.db";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"backup", home / "copy"}, {"check"}, {"rekey"}}) {
    auto named = arguments;
    named.insert(named.end(), {"--catalog", "sqlite:" + file});
    CAPTURE(named[0]);
    const Ran ran = Run(home, named);
    CHECK(ran.status == 3);
    CHECK(ran.output.empty());
    CHECK(Has(ran.error, "there is no catalog " + file));
    CHECK_FALSE(fs::exists(fs::path(file).parent_path()));
    CHECK_FALSE(fs::exists(fs::path(home / "copy")));
    CHECK(Run(home, arguments).status == 3);
    CHECK_FALSE(fs::exists(fs::path(home / "data/berth/catalog.db")));
  }
}

TEST_CASE("usage of the commands that keep a catalog") {
  const Home home;
  CHECK(Run(home, {"backup"}).status == 2);
  CHECK(Run(home, {"restore"}).status == 2);
  CHECK(Run(home, {"check", "--with-key"}).status == 2);
  CHECK(Run(home, {"rekey", "x"}).status == 2);
  CHECK(Run(home, {"backup", "--help"}).status == 0);
  CHECK(Run(home, {"restore", home / "nowhere"}).status == 1);
  CHECK(Run(home, {"check", "--catalog", "sqlite:/proc/nothing/c.db"}).status == 3);
}

}  // namespace berth::test
