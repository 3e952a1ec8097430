#include <string>

#include <doctest/doctest.h>

#include "warehouse.h"

using berth::test::Home;
using berth::test::Ran;
using berth::test::ReadFile;
using berth::test::Run;
using berth::test::TempPostgres;

namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("dump: the script makes the catalog again, and holds no password") {
  auto& server = TempPostgres::Shared();
  server.Psql("create table if not exists dump_made (i int)");
  const Home home;
  const Ran made =
      Run(home, {"-f", "-"},
          "CREATE CONNECTION GROUP cluster MAX_CONCURRENT_CONNECTIONS = 5 COMMENT = 'it''s one';\n" +
              berth::test::CreateConnection("etl", server.password()) +
              "ALTER REDSHIFT CONNECTION etl SET GROUP = cluster SET RESERVED = 2 SET COMMENT = 'a\nb';\n"
              "CREATE REDSHIFT CONNECTION \"Far away\" CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' "
              "PASSWORD = COMMAND '/bin/echo x' STATEMENT_TIMEOUT = 30 SECONDS;\n"
              "CREATE SECRET z1 AS 'sealed-1';\n"
              "CREATE SECRET z2 AS FILE '/run/z2';\n"
              "CREATE REDSHIFT CONNECTION turned CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' "
              "PASSWORD = SECRET z1 PASSWORD_NEXT = ENV 'NEXT_ONE';\n"
              "ALTER REDSHIFT CONNECTION etl SET PASSWORD_NEXT = 'sealed-2';\n"
              "ATTACH TABLE etl.public.dump_made;\n"
              "CREATE JOB load COMMENT = 'nightly' AS INSERT INTO REDSHIFT etl.public.dump_made SELECT 1;\n"
              "CREATE JOB script CONNECTION = etl AS $$ select 1; select 2 $$;\n"
              "PAUSE JOB load;\n"
              "CREATE SERVICE USER dash ADMIN = TRUE COMMENT = 'board';\n"
              "CREATE SERVICE USER \"Plain one\";\n"
              "GRANT USAGE ON CONNECTION etl TO SERVICE USER dash WITH (MAX_ACTIVE = 3);\n"
              "GRANT USAGE ON CONNECTION \"Far away\" TO SERVICE USER \"Plain one\";\n"
              "ATTACH JOB 'airflow:dag_x' USING CONNECTION etl, \"Far away\";\n"
              "PAUSE CONNECTION \"Far away\" REFUSE COMMENT 'moving';\n");
  REQUIRE_MESSAGE(made.status == 0, made.error);
  const Ran dump = Run(home, {"dump"});
  CHECK(dump.status == 0);
  CHECK_FALSE(Has(dump.output, server.password()));
  CHECK(Has(dump.output, "--   BERTH_PASSWORD_ETL\n"));
  CHECK(Has(dump.output, "PASSWORD = ENV 'BERTH_PASSWORD_ETL'"));
  CHECK_FALSE(Has(dump.output, "sealed-"));
  CHECK_FALSE(Has(dump.output, "'********'"));
  CHECK(Has(dump.output, "--   BERTH_SECRET_Z1\n"));
  CHECK(Has(dump.output, "CREATE SECRET z1 AS ENV 'BERTH_SECRET_Z1';"));
  CHECK(Has(dump.output, "CREATE SECRET z2 AS FILE '/run/z2';"));
  CHECK(Has(dump.output, "PASSWORD_NEXT = ENV 'BERTH_PASSWORD_NEXT_ETL'"));
  CHECK(Has(dump.output, "PASSWORD_NEXT = ENV 'NEXT_ONE'"));
  CHECK(Has(dump.output, "PAUSE JOB load;"));
  CHECK(Has(dump.output, "GRANT USAGE ON CONNECTION etl TO SERVICE USER dash WITH (MAX_ACTIVE = 3);"));
  CHECK(Has(dump.output, "PAUSE CONNECTION \"Far away\" REFUSE COMMENT 'moving';"));

  const Home again;
  berth::test::Child child(again, {.arguments = {"-f", again.Write("dump.sql", dump.output)},
                                   .more_environment = {"BERTH_PASSWORD_ETL=" + server.password()}});
  CHECK(child.Wait() == 0);
  INFO(child.error());
  const Ran second = Run(again, {"dump"});
  const auto body = [](const std::string& text) { return text.substr(text.find("\n\n")); };
  // What was sealed is a variable now; the notes above are gone with that.
  auto wanted = body(dump.output);
  for (const std::string what : {"password", "value"}) {
    const std::string note = "-- The " + what + " is sealed in the catalog that this comes from.\n";
    REQUIRE(Has(wanted, note));
    wanted.erase(wanted.find(note), note.size());
  }
  CHECK(body(second.output) == wanted);
}

TEST_CASE("dump: an empty catalog, usage") {
  const Home home;
  CHECK(Run(home, {"dump"}).status == 0);
  CHECK(Run(home, {"dump", "table"}).status == 2);
  CHECK(Has(Run(home, {"dump", "--help"}).output, "berth dump"));
}
