#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/fake_session.h"
#include "support/page_text.h"
#include "unit/statements/live.h"

namespace berth::statements {
namespace {

using test::Eventually;

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("values and columns come as the type map has them") {
  LiveService at;
  at.Run("DROP TABLE IF EXISTS typed");
  CHECK(
      at.Run("CREATE TABLE typed (id integer NOT NULL, price numeric(18,4), note varchar(20), pad char(6), ok boolean,"
             " f real, d float8, raw bytea, at timestamptz)")
          .progress.error.empty());
  const auto inserted = at.Run(
      "INSERT INTO typed VALUES (1, 123.45, 'a\"b', 'ab', true, 123.456, 0.1, '\\x6162',"
      " '2024-06-12 19:30:45.88712+00'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
  CHECK(inserted.progress.result_rows == 2);
  CHECK_FALSE(inserted.progress.has_result_set);
  const auto facts = at.Run("SELECT t.*, 1 + 1 AS two FROM typed t ORDER BY id;");
  CHECK(facts.progress.error.empty());
  CHECK(facts.redshift_pid > 0);
  CHECK(facts.progress.duration_ns > 0);
  const auto page = at.service->Page("ann", facts.id, "", ResultFormat::kJson);
  REQUIRE(page.ok());
  CHECK(page.value().records ==
        R"({"Records":[[{"longValue":1},{"stringValue":"123.4500"},{"stringValue":"a\"b"},{"stringValue":"ab"},)"
        R"({"booleanValue":true},{"doubleValue":123.45600128173828},{"doubleValue":0.1},{"blobValue":"YWI="},)"
        R"({"stringValue":"2024-06-12 19:30:45.88712+00"},{"longValue":2}],)"
        R"([{"longValue":2},{"isNull":true},{"isNull":true},{"isNull":true},{"isNull":true},{"isNull":true},)"
        R"({"isNull":true},{"isNull":true},{"isNull":true},{"longValue":2}]])");
  const auto& columns = page.value().column_metadata;
  CHECK(Has(columns, R"("label":"id","name":"id","nullable":0,"precision":10,"scale":0,"schemaName":"public",)"
                     R"("tableName":"typed","typeName":"int4","length":0)"));
  CHECK(Has(columns, R"("label":"price","name":"price","nullable":1,"precision":18,"scale":4)"));
  CHECK(Has(columns, R"("label":"two","name":"two","nullable":1,"precision":10,"scale":0,"schemaName":"",)"));
}

TEST_CASE("errors carry what the server said and where, in the caller's text") {
  LiveService at;
  auto request = RequestOf("SELECT :amount::int, nix FROM pg_class");
  request.parameters = {{.name = "amount", .value = "3"}};
  const auto failed = RunToEnd(*at.service, request);
  CHECK(failed.progress.state == StatementState::kFailed);
  CHECK(failed.progress.error == "ERROR: column \"nix\" does not exist\n  Position: 22");
  const auto told = at.Run("DO $$ BEGIN RAISE NOTICE 'seen'; END $$");
  CHECK(told.progress.state == StatementState::kFinished);
  CHECK(told.progress.error == "NOTICE: seen");
  CHECK(Has(at.Run("DROP CONNECTION wh").progress.error, "syntax error"));  // never read as Berth's own
  CHECK(Has(at.Run("COPY pg_class FROM STDIN").progress.error, "ERROR: "));
}

TEST_CASE("parameters are values, whatever stands in them") {
  LiveService at;
  auto request = RequestOf("SELECT :v || '', ':v', /* :v */ length(:v), :n::int + 1");
  request.parameters = {{.name = "v", .value = "'; DROP TABLE x --"}, {.name = "n", .value = "41"}};
  const auto facts = RunToEnd(*at.service, request);
  CHECK(at.Records(facts.id) ==
        R"([[{"stringValue":"'; DROP TABLE x --"},{"stringValue":":v"},{"longValue":18},{"longValue":42}]])");
}

TEST_CASE("a running statement is cancelled at the server and its session stays usable") {
  LiveService at;
  const auto id = SubmitId(*at.service, RequestOf("SELECT pg_sleep(60)"));
  REQUIRE(Eventually([&] { return StateOf(*at.service, id) == "STARTED"; }));
  CHECK(at.service->Describe("ann", id).value().redshift_pid > 0);  // known while it runs
  REQUIRE(at.service->Cancel("ann", id).ok());
  const auto facts = Ended(*at.service, id);
  CHECK(facts.progress.state == StatementState::kAborted);
  CHECK(facts.progress.error == "ERROR: Query cancelled on user's request");
  CHECK(at.Run("SELECT 1").progress.state == StatementState::kFinished);
}

TEST_CASE("a kept session has its temporary tables and settings, another has not") {
  LiveService at;
  auto opening = RequestOf("CREATE TEMP TABLE mine AS SELECT 7 AS x");
  opening.session_keep_alive_s = 60;
  const auto opened = RunToEnd(*at.service, opening);
  REQUIRE(opened.session_id);
  auto within = RequestOf("SELECT x FROM mine");
  within.session_id = opened.session_id;
  const auto facts = RunToEnd(*at.service, within);
  CHECK(facts.redshift_pid == opened.redshift_pid);
  CHECK(at.Records(facts.id) == R"([[{"longValue":7}]])");
  CHECK(Has(at.Run("SELECT x FROM mine").progress.error, "does not exist"));
  within.sqls = {"SELECT pg_terminate_backend(pg_backend_pid())"};
  CHECK(RunToEnd(*at.service, within).progress.state == StatementState::kFailed);
  within.sqls = {"SELECT 1"};
  CHECK(Submit(*at.service, within).error().message == "Session is not available.");
}

TEST_CASE("a batch is one transaction at the server, or each its own") {
  LiveService at;
  at.Run("DROP TABLE IF EXISTS batched");
  at.Run("CREATE TABLE batched (n integer)");
  const auto bad = RunToEnd(*at.service, BatchOf({"INSERT INTO batched VALUES (1)", "SELECT 1/0"}));
  CHECK(bad.progress.state == StatementState::kFailed);
  CHECK(bad.progress.error == "Query #2 failed: ERROR: division by zero");
  const auto each = RunToEnd(*at.service, BatchOf({"INSERT INTO batched VALUES (2)", "SELECT 1/0", "VACUUM batched"},
                                                  ExecutionMode::kAutoCommit));
  CHECK(each.sub_statements[2].progress.state == StatementState::kFinished);
  CHECK(at.Records(at.Run("SELECT n FROM batched").id) == R"([[{"longValue":2}]])");
  CHECK(RunToEnd(*at.service, BatchOf({"INSERT INTO batched VALUES (3)", "SELECT count(*) FROM batched"}))
            .sub_statements[1]
            .progress.result_rows == 1);
}

TEST_CASE("a large result is paged through, each row once and in order") {
  LiveService at;
  const auto facts = at.Run("SELECT n, repeat('x', 100) FROM generate_series(1, 100000) n");
  CHECK(facts.progress.result_rows == 100000);
  std::string token;
  std::int64_t expected = 1;
  std::size_t pages = 0;
  do {
    const auto page = at.service->Page("ann", facts.id, token, ResultFormat::kJson);
    REQUIRE(page.ok());
    const auto records = test::PageText(page.value());
    for (auto found = records.find("longValue\":"); found != std::string::npos;
         found = records.find("longValue\":", found + 1)) {
      if (std::stoll(records.substr(found + 11, 10)) != expected++) FAIL("a row is missing or stands twice");
    }
    ++pages;
    token = page.value().next_token.value_or("");
    if (pages % 2 == 0) at.service->LookAhead("ann", facts.id, token, ResultFormat::kJson);
  } while (!token.empty());
  CHECK(expected == 100001);
  CHECK(pages > 10);
}

TEST_CASE("200 statements on a cap of 4 all end, in order per session") {
  LiveService at(4);
  at.Run("DROP TABLE IF EXISTS ordered");
  at.Run("CREATE TABLE ordered (id serial, who text, n integer)");
  std::vector<std::string> sessions, ids;
  for (int i = 0; i < 2; ++i) {
    auto opening = RequestOf("SET application_name TO 'session'");
    opening.session_keep_alive_s = 60;
    sessions.push_back(*RunToEnd(*at.service, opening).session_id);
  }
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    auto within =
        RequestOf("INSERT INTO ordered (who, n) VALUES ('" + std::to_string(i % 2) + "', " + std::to_string(i) + ")");
    within.session_id = sessions[static_cast<std::size_t>(i % 2)];
    ids.push_back(SubmitId(*at.service, within));
    ids.push_back(SubmitId(*at.service, RequestOf("SELECT pg_sleep(0.001)")));
  }
  bool over = false;
  while (!over) {
    const auto open = at.server.Psql(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'berth'"
        " AND application_name NOT LIKE 'psql%'");
    most = std::max<std::size_t>(most, std::stoul(open));
    over = at.service->Stats().finished >= 204;
  }
  for (const auto& id : ids) CHECK(Ended(*at.service, id).progress.state == StatementState::kFinished);
  CHECK(most <= 4);
  const auto disorder = at.server.Psql(
      "SELECT count(*) FROM (SELECT n - lag(n) OVER (PARTITION BY who ORDER BY id) AS step"
      " FROM ordered) s WHERE step <> 2");
  CHECK(std::stoul(disorder) == 0);
}

TEST_CASE("databases, schemas, tables and columns are listed with patterns and pages") {
  LiveService at;
  for (const auto* sql : {"DROP SCHEMA IF EXISTS demo CASCADE", "CREATE SCHEMA demo",
                          "CREATE TABLE demo.venue (id integer NOT NULL DEFAULT 3, name varchar(20))",
                          "CREATE TABLE demo.\"Ven_2\" (x float8)", "CREATE VIEW demo.seen AS SELECT 1 AS one"}) {
    CHECK(at.Run(sql).progress.state == StatementState::kFinished);
  }
  const ListingRequest base{.caller = "ann", .connection = "wh", .database = "dev"};
  Answer<NamePage> databases, schemas;
  at.service->ListDatabases(base, databases.Done());
  const auto names = databases.Await();
  REQUIRE(names.ok());
  CHECK(std::find(names.value().names.begin(), names.value().names.end(), "dev") != names.value().names.end());
  auto request = base;
  request.schema = "dem_";
  at.service->ListSchemas(request, schemas.Done());
  CHECK(schemas.Await().value().names == std::vector<std::string>{"demo"});

  request.schema = "demo";
  request.max_results = 2;
  Answer<TablePage> first, second, some, bad;
  at.service->ListTables(request, first.Done());
  auto page = first.Await();
  REQUIRE(page.ok());
  REQUIRE(page.value().tables.size() == 2);
  CHECK(page.value().tables[0].name == "Ven_2");
  CHECK(page.value().tables[1].type == "VIEW");
  request.next_token = *page.value().next_token;
  at.service->ListTables(request, second.Done());
  const auto rest = second.Await();
  REQUIRE(rest.value().tables.size() == 1);
  CHECK(rest.value().tables[0].name == "venue");
  CHECK_FALSE(rest.value().next_token);
  request.next_token = "beef";
  at.service->ListTables(request, bad.Done());
  CHECK(bad.Await().error().code == ErrorCode::kInvalidArgument);
  request.next_token.clear();
  request.schema.reset();
  request.table = "ven%";
  at.service->ListTables(request, some.Done());
  CHECK(some.Await().value().tables.size() == 1);

  Answer<ColumnPage> columns;
  request.schema = "demo";
  request.table = "venue";
  at.service->DescribeTable(request, columns.Done());
  const auto described = columns.Await();
  REQUIRE(described.ok());
  REQUIRE(described.value().columns.size() == 2);
  const auto& id = described.value().columns[0];
  CHECK(id.name == "id");
  CHECK(id.type_name == "int4");
  CHECK(id.nullable == 0);
  CHECK(id.column_default == "3");
  CHECK(described.value().columns[1].length == 20);
  Answer<NamePage> elsewhere;
  request.database = "other";
  at.service->ListSchemas(request, elsewhere.Done());
  CHECK(elsewhere.Await().error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a login that fails fails the statement, not its submission") {
  LiveService at;
  auto altered = at.engine->Execute("ALTER REDSHIFT CONNECTION wh SET PASSWORD = 'wrong'", "", {}, Deadline::Never());
  REQUIRE(altered.ok());
  const auto facts = at.Run("SELECT 1");
  CHECK(facts.progress.state == StatementState::kFailed);
  CHECK(Has(facts.progress.error, "ERROR: "));
  auto unknown = RequestOf("SELECT 1");
  unknown.connection = "nix";
  CHECK(Submit(*at.service, unknown).error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace berth::statements
