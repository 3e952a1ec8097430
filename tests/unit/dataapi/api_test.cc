#include "dataapi/api.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "api_world.h"

namespace berth::dataapi {
namespace {

using test::FakeStatements;
using World = test::ApiWorld;

bool Has(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

const std::string kById = std::string(R"({"Id":")") + FakeStatements::kId + "\"}";
const std::string kSelect =
    R"({"Sql":"select 1","ClusterIdentifier":"my_redshift_connection","Database":"dev","DbUser":"awsuser"})";

}  // namespace

TEST_CASE("A statement is submitted on the connection that was meant, and what was sent is echoed") {
  World world;
  CHECK(world.Ask("ExecuteStatement", kSelect) ==
        R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766","CreatedAt":1598323175.823,)"
        R"("ClusterIdentifier":"my_redshift_connection","Database":"dev","DbUser":"awsuser","Status":"SUBMITTED",)"
        R"("RedshiftPid":0,"HasResultSet":false})");
  REQUIRE(world.statements.submitted.size() == 1);
  const auto& submitted = world.statements.submitted[0];
  CHECK(submitted.connection == "my_redshift_connection");
  CHECK(submitted.caller == kLocalUser);
  CHECK(submitted.caller_limits.max_active == 7);
  CHECK(submitted.sqls == std::vector<std::string>{"select 1"});
}

TEST_CASE("A batch with every member") {
  World world;
  const auto body = world.Ask(
      "BatchExecuteStatement",
      R"({"Sqls":["a","b"],"ClusterIdentifier":"other","Database":"dev","Parameters":[{"name":"p","value":"v"}],
          "ExecutionMode":"AUTO_COMMIT","ResultFormat":"CSV","WithEvent":true,"StatementName":"n","ClientToken":"t",
          "SessionKeepAliveSeconds":5})");
  CHECK(world.last.status == 200);
  const auto& submitted = world.statements.submitted.at(0);
  CHECK(submitted.is_batch);
  CHECK(submitted.sqls.size() == 2);
  CHECK(submitted.execution_mode == statements::ExecutionMode::kAutoCommit);
  CHECK(submitted.result_format == statements::ResultFormat::kCsv);
  CHECK(submitted.with_event);
  CHECK(submitted.statement_name == "n");
  CHECK(submitted.client_token == "t");
  CHECK(submitted.session_keep_alive_s == 5);
  CHECK(submitted.parameters.at(0).value == "v");
}

TEST_CASE("WaitTimeSeconds holds the answer until the statement has ended; nothing after acceptance is an error") {
  World world;
  auto body = kSelect;
  body.insert(1, R"("WaitTimeSeconds":5,)");
  CHECK(world.Ask("ExecuteStatement", body).empty());
  world.statements.Finish(FakeStatements::kId);
  CHECK(Has(world.last.body, R"("Status":"FINISHED")"));

  world.Ask("ExecuteStatement", body);
  for (auto& [id, done] : std::exchange(world.statements.waiting, {})) {
    done(Error{.code = ErrorCode::kTooManyWaiters, .message = "too many"});
  }
  CHECK(world.last.status == 200);
  CHECK(Has(world.last.body, FakeStatements::kId));
}

TEST_CASE("Describe answers at once, or is held for clients that cannot say how long") {
  World quick;
  quick.Ask("ExecuteStatement", kSelect);
  const auto described = quick.Ask("DescribeStatement", kById);
  for (const auto* member :
       {R"("Duration":-1)", R"("ResultRows":-1)", R"("ResultSize":-1)", R"("RedshiftQueryId":-1)",
        R"("HasResultSet":false)", R"("QueryString":"select 1")", R"("UpdatedAt":1598323175.823)"}) {
    CHECK(Has(described, member));
  }
  CHECK_FALSE(Has(described, "SubStatements"));
  CHECK_FALSE(Has(described, "null"));

  World held({.hold_describe = std::chrono::seconds(2)});
  held.Ask("ExecuteStatement", kSelect);
  CHECK(held.Ask("DescribeStatement", kById).empty());
  held.statements.Finish(FakeStatements::kId);
  CHECK(Has(held.last.body, "FINISHED"));
  CHECK(Has(held.Ask("DescribeStatement", kById), "FINISHED"));
}

TEST_CASE("Results, with a token for the next page") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  CHECK(world.Ask("GetStatementResult", kById) ==
        R"({"Records":[[{"longValue":1}]],"ColumnMetadata":[{"name":"a"}],"TotalNumRows":1,"NextToken":"more"})");
  auto second = kById;
  second.insert(1, R"("NextToken":"more",)");
  CHECK_FALSE(Has(world.Ask("GetStatementResult", second), "NextToken"));
  CHECK(Has(world.Ask("GetStatementResultV2", kById), R"("ResultFormat":"CSV")"));
}

TEST_CASE("A page for the Go SDK is not sent at once") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  world.Ask("GetStatementResult", kById);
  CHECK(world.last.hold.count() == 0);
  world.Send({.method = "POST",
              .target = "/",
              .headers = {{"host", "localhost"},
                          {"x-amz-target", "RedshiftData.GetStatementResult"},
                          {"user-agent", "aws-sdk-go-v2/1.17.1 os/linux lang/go/1.19.8"}},
              .body = kById,
              .peer = "",
              .tls = false});
  CHECK(world.last.status == 200);
  CHECK(world.last.hold.count() > 0);
}

TEST_CASE("Errors of the service keep their name, and 500 only means that nothing was accepted") {
  World world;
  CHECK(Has(world.Ask("DescribeStatement", kById), R"("__type":"ResourceNotFoundException")"));
  CHECK(Has(world.last.body, R"("ResourceId":"d9b6)"));
  CHECK(world.last.status == 400);
  const std::pair<ErrorCode, const char*> codes[] = {
      {ErrorCode::kResourceExhausted, "ActiveStatementsExceededException"},
      {ErrorCode::kThrottled, "ThrottlingException"},
      {ErrorCode::kTooManySessions, "ActiveSessionsExceededException"},
      {ErrorCode::kDiskFull, "ExecuteStatementException"},
      {ErrorCode::kUnavailable, "ServiceUnavailable"}};
  for (const auto& [code, type] : codes) {
    world.statements.refuse_with = Error{.code = code, .message = "m"};
    CHECK(Has(world.Ask("ExecuteStatement", kSelect), type));
  }
  world.statements.refuse_with = Error{.code = ErrorCode::kCatalogUnavailable, .message = "m"};
  CHECK(Has(world.Ask("BatchExecuteStatement", R"({"Sqls":["a"],"ClusterIdentifier":"other"})"),
            "BatchExecuteStatementException"));
  CHECK(Has(world.Ask("ListStatements", "{}"), "InternalServerException"));
  world.statements.refuse_with = Error{.code = ErrorCode::kDeadlineExceeded, .message = "m"};
  CHECK(Has(world.Ask("ListTables", R"({"Database":"dev","ClusterIdentifier":"other"})"), "QueryTimeoutException"));
  world.statements.refuse_with = Error{.code = ErrorCode::kUnavailable, .message = "m"};
  CHECK(Has(world.Ask("ListSchemas", R"({"Database":"dev","ClusterIdentifier":"other"})"),
            "DatabaseConnectionException"));
}

TEST_CASE("Which connection: the catalog says, and what one may not use is not named") {
  World world;
  const auto refused = world.Ask("ExecuteStatement", R"({"Sql":"1","ClusterIdentifier":"hidden"})");
  CHECK(Has(refused, "Redshift endpoint doesn't exist in this region."));
  CHECK_FALSE(Has(refused, "secretdb"));
  CHECK(Has(world.Ask("ExecuteStatement", R"({"Sql":"1","ClusterIdentifier":"No_Such"})"), "regex pattern"));
  CHECK(Has(world.Ask("ExecuteStatement", R"({"Sql":"1","ClusterIdentifier":"my_redshift_connection","Database":"x"})"),
            R"(no Database \"x\")"));
  world.permissions.nobody = true;
  CHECK(Has(world.Ask("ExecuteStatement", kSelect), "AccessDeniedException"));
  CHECK(world.last.status == 403);

  World dev({.only_connection = "other"});
  dev.Ask("ExecuteStatement", R"({"Sql":"1","ClusterIdentifier":"<Any> ","Database":"d","SecretArn":"s"})");
  CHECK(dev.statements.submitted.at(0).connection == "other");
  CHECK(Has(dev.last.body, "<Any> "));
}

TEST_CASE("Database system is the catalog, with whatever cluster is named beside it") {
  World world;
  world.Ask("ExecuteStatement", R"({"Sql":"SHOW CONNECTIONS","Database":"system","ClusterIdentifier":"c"})");
  CHECK(world.last.status == 200);
  REQUIRE(world.statements.submitted.size() == 1);
  CHECK(world.statements.submitted[0].connection == statements::kCatalogTarget);
  CHECK(Has(world.last.body, R"("ClusterIdentifier":"c")"));
  CHECK(Has(
      world.Ask("ExecuteStatement", R"({"Sql":"SHOW JOBS","Database":"system","DbUser":"u","ClusterIdentifier":"c"})"),
      "DbUser and SecretArn do not go with it"));
  CHECK(Has(world.Ask("ListTables", R"({"Database":"system","ClusterIdentifier":"c"})"), "is Berth's catalog"));
  world.Ask("ExecuteStatement", R"({"Sql":"SHOW JOBS","Database":"system"})");  // it is named well enough
  CHECK(world.last.status == 200);
  World dev(ApiOptions{.only_connection = "other"});
  dev.Ask("ExecuteStatement", R"({"Sql":"SELECT 1","Database":"system","ClusterIdentifier":"c"})");
  CHECK(dev.statements.submitted.at(0).connection == "other");  // every database is that server's
}

TEST_CASE("A kept session is asked for each time whether its user may still use the connection, and how much of it") {
  World world;
  const auto* const request = R"({"Sql":"SELECT 1","SessionId":"d9b6c0c9-0747-4bf4-b142-e8883122f766"})";
  world.Ask("ExecuteStatement", request);
  CHECK(world.last.status == 200);
  REQUIRE(world.statements.submitted.size() == 1);
  CHECK(world.statements.submitted[0].caller_limits.max_active == 7);
  world.permissions.nobody = true;
  world.Ask("ExecuteStatement", request);
  CHECK(world.last.status == 403);
  CHECK(Has(world.last.body, "AccessDeniedException"));
  world.statements.session_connection.clear();
  world.Ask("ExecuteStatement", request);  // Submit says what is wrong with it
  CHECK(world.statements.submitted.size() == 2);
}

TEST_CASE("Listings of a warehouse") {
  World world;
  CHECK(world.Ask("ListDatabases", R"({"ClusterIdentifier":"other","Database":"dev"})") ==
        R"({"Databases":["one","two"]})");
  CHECK(world.Ask("ListSchemas", R"({"ClusterIdentifier":"other","Database":"dev","SchemaPattern":"p%"})") ==
        R"({"Schemas":["one","two"]})");
  CHECK(world.Ask("ListTables",
                  R"({"ClusterIdentifier":"other","Database":"x","ConnectedDatabase":"dev","TablePattern":"v%",
                      "MaxResults":5,"NextToken":"t"})") ==
        R"({"Tables":[{"name":"t","schema":"s","type":"TABLE"}],"NextToken":"n"})");
  CHECK(Has(world.Ask("DescribeTable", R"({"ClusterIdentifier":"other","Database":"dev","Schema":"s","Table":"t"})"),
            R"("typeName":"int4")"));
  const auto& listings = world.statements.listings;
  REQUIRE(listings.size() == 4);
  CHECK(listings[1].schema == "p%");
  CHECK(listings[2].database == "x");
  CHECK(listings[2].connection == "other");
  CHECK(listings[2].table == "v%");
  CHECK(listings[2].max_results == 5);
  CHECK(listings[3].schema == "s");
}

TEST_CASE("Lists: finished statements by default, all of them where asked") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  CHECK(Has(world.Ask("ListStatements", R"({"StatementName":"n","MaxResults":9})"), R"("IsBatchStatement":false)"));
  world.Ask("ListStatements", R"({"Status":"ALL"})");
  world.Ask("ListStatements", R"({"Status":"ABORTED"})");
  CHECK(world.statements.lists.at(0).state == statements::StatementState::kFinished);
  CHECK(world.statements.lists.at(0).name_prefix == "n");
  CHECK_FALSE(world.statements.lists.at(1).state);
  CHECK(world.statements.lists.at(2).state == statements::StatementState::kAborted);
  CHECK(Has(world.Ask("ListSessions", R"({"Status":"BUSY"})"), R"("SessionAliveSeconds":60)"));
  CHECK(world.statements.session_lists.at(0).status == statements::SessionStatus::kBusy);
}

TEST_CASE("Only POST / with a known target, and only under a loopback name") {
  World world;
  world.Ask("DropEverything", "{}");
  CHECK(world.last.status == 404);
  CHECK(Has(world.last.body, "UnknownOperationException"));
  world.Send(
      {.method = "GET", .target = "/", .headers = {{"host", "localhost"}}, .body = "", .peer = "", .tls = false});
  CHECK(world.last.status == 404);
  for (const auto* host : {"evil.example", "localhost.evil.example:8439", "127.0.0.1.evil.example", ""}) {
    world.Send({.method = "POST",
                .target = "/",
                .headers = {{"host", host}, {"x-amz-target", "RedshiftData.ListStatements"}},
                .body = "{}",
                .peer = "",
                .tls = false});
    CHECK(world.last.status == 403);
  }
  CHECK(Has(world.AuditText(), R"("event":"turned_away")"));
}

TEST_CASE("Every statement is in the audit log, without its text") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  world.statements.known[FakeStatements::kId].progress.result_rows = 3;
  world.statements.Finish(FakeStatements::kId);
  const auto text = world.AuditText();
  CHECK(Has(text, R"("event":"accepted","user":"local","address":"127.0.0.1","connection":"my_redshift_connection")"));
  CHECK(Has(text, R"("sha256":"822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f")"));
  CHECK(Has(text, R"("outcome":"FINISHED","rows":3,"bytes":-1,"duration_ns":-1,"backend_pid":0)"));
  CHECK_FALSE(Has(text, "select"));
  std::rename((world.folder / "audit.log").c_str(), (world.folder / "audit.log.1").c_str());
  REQUIRE(world.audit->Reopen().ok());
  world.Ask("ExecuteStatement", kSelect);
  CHECK(Has(world.AuditText(), "accepted"));
}

TEST_CASE("A service that stops takes no statements and answers all else") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  world.api->StopTaking();
  CHECK(Has(world.Ask("ExecuteStatement", kSelect), "ServiceUnavailable"));
  CHECK(world.last.status == 503);
  world.Ask("DescribeStatement", kById);
  CHECK(world.last.status == 200);
}

TEST_CASE("Requests are counted by operation and outcome") {
  World world;
  world.Ask("ExecuteStatement", kSelect);
  world.Ask("CancelStatement", R"({"Id":"x"})");
  const auto text = world.metrics.Text();
  CHECK(Has(text, R"(berth_requests_total{operation="ExecuteStatement",outcome="ok"} 1)"));
  CHECK(Has(text, R"(berth_requests_total{operation="CancelStatement",outcome="ValidationException"} 1)"));
  CHECK(Has(text, R"(berth_request_seconds_count{operation="ExecuteStatement"} 1)"));
}

}  // namespace berth::dataapi
