#include <string>

#include <doctest/doctest.h>

#include "warehouse.h"

using berth::test::Home;
using berth::test::Ran;
using berth::test::Run;
using berth::test::TempPostgres;

namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string Services() {
  auto& server = TempPostgres::Shared();
  return "[local]\nhost=" + server.host() + "\nport=" + std::to_string(server.port()) +
         "\ndbname=dev\nuser=" + server.user() + "\nsslmode=disable\n";
}

}  // namespace

TEST_CASE("import: --apply seals the password, and the connection works") {
  auto& server = TempPostgres::Shared();
  const Home home;
  const auto file = home.Write("services", Services());
  const auto passes = home.Write("passes", "*:*:*:*:" + server.password() + "\n");
  const Ran script = Run(home, {"import", "--from", "pgservice", "--passfile", passes, file});
  CHECK(script.status == 0);
  CHECK(Has(script.output, "PASSWORD = ENV 'BERTH_PASSWORD_LOCAL'"));
  CHECK_FALSE(Has(script.output, server.password()));
  const Ran applied = Run(home, {"import", "--from", "pgservice", "--passfile", passes, "--apply", file});
  CHECK(applied.status == 0);
  CHECK(applied.output == "imported 1 connections\n");
  CHECK(Run(home, {"-C", "local", "-o", "plain", "-c", "select 42"}).output == "42\n");
  // Again: what is there is kept.
  const Ran again = Run(home, {"import", "--from", "pgservice", "--passfile", passes, "--apply", file});
  CHECK(again.status == 0);
  CHECK(again.output == "imported 0 connections\n");
  CHECK(Has(again.error, "NOTICE:  service local: "));
}

TEST_CASE("import: from standard input; a script that runs") {
  const Home home;
  const Ran script = Run(home, {"import", "--from", "airflow", "-"},
                         R"({"rs": {"conn_type": "redshift", "host": "h", "login": "u", "schema": "d"},
                             "other": {"conn_type": "http"}})");
  REQUIRE(script.status == 0);
  CHECK(Run(home, {"-f", "-"}, script.output).status == 0);
  CHECK(Run(home, {"-o", "plain", "-c", "SELECT name FROM system.information_schema.connections"}).output == "rs\n");
}

TEST_CASE("import: a manifest's models keep their connection; again changes nothing") {
  const Home home;
  REQUIRE(Run(home, {"-c",
                     "CREATE REDSHIFT CONNECTION w CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' "
                     "PASSWORD = ENV 'P'"})
              .status == 0);
  const auto file = home.Write("manifest.json", R"({"nodes": {"model.shop.orders": {"resource_type": "model"}}})");
  for (int i = 0; i < 2; ++i)
    CHECK(Run(home, {"import", "--from", "dbt-manifest", "-C", "w", "--apply", file}).status == 0);
  CHECK(Has(Run(home, {"-c", "DROP CONNECTION w"}).error, "dbt:model.shop.orders"));
  const Ran nowhere = Run(home, {"import", "--from", "dbt-manifest", "-C", "x", "--apply", file});
  CHECK(nowhere.status == 1);
  CHECK(Has(nowhere.error, "dbt:model.shop.orders"));
}

TEST_CASE("import: usage, and files that are none") {
  const Home home;
  CHECK(Run(home, {"import"}).status == 2);
  CHECK(Run(home, {"import", "--from", "dbt"}).status == 2);
  CHECK(Run(home, {"import", "--from", "excel", "x"}).status == 2);
  CHECK(Run(home, {"import", "--from", "dbt", "/nowhere"}).status == 2);
  CHECK(Run(home, {"import", "--from", "dbt-manifest", "-"}).status == 2);
  CHECK(Run(home, {"import", "--from", "dbt", "-"}, "a: [").status == 1);
  CHECK(Has(Run(home, {"import", "--help"}).output, "--from airflow"));
}
