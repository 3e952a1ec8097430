#include <string>

#include <doctest/doctest.h>

#include "unit/statements/live.h"

// Two users on the one session of a connection.
namespace berth::statements {
namespace {

struct Users : LiveService {
  Users() : LiveService(1) {}
  StatementFacts As(const std::string& user, const std::string& sql) {
    return RunToEnd(*service, RequestOf(sql, user));
  }
  // The first value of the first row, or the error.
  std::string Value(const std::string& user, const std::string& sql) {
    const auto facts = As(user, sql);
    if (facts.progress.state != StatementState::kFinished) return facts.progress.error;
    const auto page = service->Page(user, facts.id, "", ResultFormat::kJson);
    if (!page.ok()) return page.error().message;
    const auto& records = page.value().records;
    const auto begin = records.find(':', records.find("[[{")) + 1;
    return records.substr(begin, records.find('}') - begin);
  }
};

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("the server is told the service user's name, on a session that users share") {
  Users at;
  CHECK(at.Value("ann", "SELECT current_setting('application_name')").starts_with("\"berth/ann@"));
  const auto pid = at.Value("ann", "SELECT pg_backend_pid()");
  CHECK(at.Value("bob", "SELECT pg_backend_pid()") == pid);
  CHECK(at.Value("bob", "SELECT current_setting('application_name')").starts_with("\"berth/bob@"));
}

TEST_CASE("no user sees a setting, role, prepared statement, cursor or temporary table of another") {
  Users at;
  at.server.Psql("DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  at.server.Psql(
      "CREATE OR REPLACE FUNCTION public.leave_temp() RETURNS int LANGUAGE plpgsql AS "
      "$$ BEGIN CREATE TEMP TABLE mine(a int); RETURN 1; END $$");
  const auto settings = at.Value("bob", "SELECT current_setting('work_mem') || current_user || session_user");
  const auto counts = "SELECT (SELECT count(*) FROM pg_prepared_statements) + (SELECT count(*) FROM pg_cursors)";
  for (const auto* text :
       {"SET work_mem = '77MB'", "SELECT set_config('work_mem', '77MB', false)", "SET ROLE reader",
        "SET SESSION AUTHORIZATION reader", "PREPARE p AS SELECT 1", "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "CREATE TEMP TABLE mine(a int)", "SELECT 1 AS a INTO TEMP mine"}) {
    CAPTURE(text);
    const auto left = at.As("ann", text);
    CHECK_MESSAGE(left.progress.state == StatementState::kFinished, left.progress.error);
    CHECK(at.Value("bob", "SELECT current_setting('work_mem') || current_user || session_user") == settings);
    CHECK(at.Value("bob", counts) == "0");
    CHECK(Has(at.Value("bob", "SELECT count(*) FROM mine"), "does not exist"));
  }
  if (test::TempPostgres::HasRedshiftManners()) return;  // no function makes tables there
  CHECK(at.As("ann", "SELECT public.leave_temp()").progress.state == StatementState::kFinished);
  CHECK(Has(at.Value("bob", "SELECT count(*) FROM mine"), "does not exist"));
}

TEST_CASE("after berth rekey, texts that were sealed before it still open") {
  LiveService at;
  const auto before = at.Run("SELECT 'before'");
  const auto report = at.engine->ChangeKey();
  REQUIRE_MESSAGE(report.ok(), report.error().message);
  at.Open();
  CHECK(at.service->Describe("ann", before.id).value().sqls == before.sqls);
  CHECK(at.Run("SELECT 'after'").progress.state == StatementState::kFinished);
}

TEST_CASE("sessions and columns are read from the servers, of the connections that the user may use") {
  LiveService at;
  at.options.callers_known = true;
  at.Open();
  if (test::TempPostgres::HasRedshiftManners()) {
    at.server.Psql(
        "CREATE OR REPLACE VIEW public.stv_sessions AS SELECT backend_start AS starttime, pid AS process,"
        " usename::char(50) AS user_name, datname::char(50) AS db_name FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'");
    at.server.Psql("GRANT SELECT ON public.stv_sessions TO PUBLIC");
  }
  const auto say = [&](const std::string& text, const std::string& connection = {}) {
    const auto said = at.engine->Execute(text, connection, {}, Deadline::Never());
    REQUIRE_MESSAGE(said.ok(), said.error().message);
    while (said.value()->Next().value()) {
    }
  };
  const auto login = "' USER_NAME = '" + at.server.user() + "' PASSWORD = '" + at.server.password() + "'";
  say("CREATE REDSHIFT CONNECTION hidden CONNECTION_STRING = '" + at.server.JdbcUrl() + login);
  for (const auto* text : {"CREATE SERVICE USER ann", "CREATE SERVICE USER boss ADMIN = TRUE",
                           "GRANT USAGE ON CONNECTION wh TO SERVICE USER ann", "CREATE TABLE wh.public.his (a int)",
                           "CREATE TABLE hidden.public.not_his (b int)"}) {
    say(text);
  }
  say("SELECT 1", "hidden");
  const auto read = [&](const std::string& user, const std::string& sql) {
    const auto facts =
        RunToEnd(*at.service, {.caller = user, .connection = std::string(kCatalogTarget), .sqls = {sql}});
    if (!facts.progress.error.empty()) return facts.progress.error;
    const auto page = at.service->Page(user, facts.id, "", ResultFormat::kJson);
    return page.ok() ? page.value().records.substr(kPageHead.size()) : page.error().message;
  };
  const std::string sessions = "SELECT DISTINCT connection FROM system.information_schema.sessions ORDER BY 1";
  const std::string columns = "SELECT catalog, \"table\", name FROM system.information_schema.columns ORDER BY 1";
  CHECK(read("ann", sessions) == R"([[{"stringValue":"wh"}]])");
  CHECK(read("ann", columns) == R"([[{"stringValue":"wh"},{"stringValue":"his"},{"stringValue":"a"}]])");
  const auto all = read("boss", sessions);
  CHECK(Has(all, R"("stringValue":"wh")"));
  CHECK(Has(all, R"("stringValue":"hidden")"));
  CHECK(Has(read("boss", columns), R"("stringValue":"not_his")"));
  // Under the cap: no session beside those that statements may take, and none is left out on loan.
  CHECK(read("ann", "SELECT in_use FROM system.information_schema.pools") == R"([[{"longValue":0}]])");
  say("DROP TABLE wh.public.his");
  say("DROP TABLE hidden.public.not_his");
}

TEST_CASE("statements on the catalog have rows and errors as those on a connection") {
  LiveService at;
  at.options.callers_known = true;
  at.Open();
  for (const auto* text : {"CREATE SERVICE USER ann", "CREATE SERVICE USER boss ADMIN = TRUE",
                           "GRANT USAGE ON CONNECTION wh TO SERVICE USER ann"}) {
    REQUIRE(at.engine->Execute(text, "", {}, Deadline::Never()).ok());
  }
  const auto run = [&](const std::string& user, std::vector<std::string> sqls) {
    return RunToEnd(
        *at.service,
        {.caller = user, .connection = std::string(kCatalogTarget), .sqls = sqls, .is_batch = sqls.size() > 1});
  };
  const auto facts = run("ann", {"SELECT name, max_concurrent_connections FROM system.information_schema.connections"});
  CHECK(facts.progress.error.empty());
  CHECK(facts.redshift_pid == 0);
  CHECK(at.Records(facts.id) == R"([[{"stringValue":"wh"},{"longValue":5}]])");
  CHECK(
      run("ann", {"CREATE SERVICE USER x"}).progress.error ==
      "ERROR: ann may not change the catalog\n  Hint: An administrator may let him: ALTER SERVICE USER .. SET ADMIN = "
      "TRUE.");
  const auto failed = run("boss", {"CREATE SERVICE USER one", "CREATE SERVICE USER boss"});
  CHECK(failed.progress.state == StatementState::kFailed);
  const auto made = run("boss", {"CREATE SERVICE USER one", "CREATE SERVICE USER two"});
  CHECK_MESSAGE(made.progress.state == StatementState::kFinished, made.progress.error);
}

}  // namespace
}  // namespace berth::statements
