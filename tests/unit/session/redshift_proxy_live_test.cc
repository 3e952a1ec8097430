// Redshift's manners, each as a session meets it through the proxy, and what PostgreSQL says where one is turned off.
#include "live.h"
#include "support/redshift_proxy.h"

namespace berth::session::live {
namespace {

using test::RedshiftManners;
using test::RedshiftProxy;

ConnectParams Through(const RedshiftProxy& proxy) {
  auto params = Params();
  params.port = proxy.port();
  return params;
}

// With all manners.
std::unique_ptr<Session> OpenRedshift(const ConnectParams& params) {
  auto session = Open(params);
  CHECK(session->server().redshift);
  return session;
}

void CheckRefused(Session& session, const std::string& sql, const std::string& sqlstate, const std::string& words) {
  CAPTURE(sql);
  const std::vector<std::optional<std::string>> one = {"1"};
  for (const bool extended : {false, true}) {
    const Error error = Bad(session, sql, extended ? Parameters(one) : Parameters());
    CHECK(error.code == ErrorCode::kServer);
    CHECK(error.Sqlstate() == sqlstate);
    CHECK(error.message.find(words) != std::string::npos);
    CHECK(error.session_fate == SessionFate::kKeep);
    CHECK(session.state() == SessionState::kIdle);
  }
  CHECK(Good(session, "select 1") == "1\n[SELECT 1]");
}

TEST_CASE("what Redshift is and has") {
  const RedshiftProxy proxy(Server().server_port(), {});
  auto params = Through(proxy);
  params.query_group = "e'tl\\";
  params.search_path = "a";
  auto session = OpenRedshift(params);
  CHECK(session->server().version == 80'002);
  CHECK(session->backslash_escapes());
  CHECK(Good(*session, "select version()") == std::string(test::kRedshiftVersion) + "\n[SELECT 1]");
  CHECK(Good(*session, "show query_group") == "e'tl\\\n[SHOW]");
  CHECK(Good(*session, R"(select 'a\nb', 'it\'s; discard all', $$E'\'$$)") ==
        "a\nb|it's; discard all|E'\\'\n[SELECT 1]");
  Good(*session, "set query_group to other; prepare p as select 1");
  CHECK(session->Reset(Soon()).ok());
  CHECK(Good(*session, "show query_group; show search_path") == "e'tl\\\n[SHOW]a\n[SHOW]");
}

TEST_CASE("what Redshift refuses") {
  const RedshiftProxy proxy(Server().server_port(), {});
  auto session = OpenRedshift(Through(proxy));
  CheckRefused(*session, "discard all", "42601", "at or near \"discard\"");
  CheckRefused(*session, "DEALLOCATE PREPARE ALL", "42601", "at or near \"ALL\"");
  CheckRefused(*session, "savepoint s", "0A000", "\"savepoint s\" not supported");
  CheckRefused(*session, "release savepoint s", "0A000", "not supported");
  CheckRefused(*session, "/* x */ ROLLBACK WORK TO s", "0A000", "\"ROLLBACK WORK TO s\" not supported");
  CheckRefused(*session, "select E'a'", "42704", "type \"e\"");
  CheckRefused(*session, "select pg_try_advisory_lock(1)", "42883", "pg_try_advisory_lock");
  CheckRefused(*session, "show standard_conforming_strings", "42704", "standard_conforming_strings");
  CheckRefused(*session, "set local client_connection_check_interval to 1", "42704",
               "client_connection_check_interval");
  CheckRefused(*session, "copy t from stdin", "XX000", "LOAD source is not supported");
  CheckRefused(*session, "copy (select 1 from t) to stdout", "42601", "at or near \"to\"");
  CHECK(Bad(*session, "select 1; discard all").Sqlstate() == "42601");
  const Error error = Bad(*session, "select 'ä', E'x'");
  REQUIRE(error.span);
  CHECK(error.span->offset == std::string_view("select 'ä', ").size());
  Good(*session, "begin");
  Bad(*session, "savepoint s");
  CHECK(session->state() == SessionState::kFailedTransaction);
  CHECK(Good(*session, "rollback") == "[ROLLBACK]");
}

TEST_CASE("each manner can be turned off") {
  const RedshiftProxy proxy(Server().server_port(), {.version = false,
                                                     .strings = false,
                                                     .startup_options = false,
                                                     .settings = false,
                                                     .savepoints = false,
                                                     .session_words = false,
                                                     .advisory_locks = false,
                                                     .copy = false});
  auto session = Open(Through(proxy));
  CHECK_FALSE(session->server().redshift);
  CHECK_FALSE(session->backslash_escapes());
  CHECK(Good(*session, "begin; savepoint s; rollback to s; commit") == "[BEGIN][SAVEPOINT][ROLLBACK][COMMIT]");
  CHECK(Good(*session, "select E'\\x41', pg_try_advisory_lock(1)") == "A|t\n[SELECT 1]");
  CHECK(Good(*session, "show client_connection_check_interval") == "5s\n[SHOW]");
  CHECK(Good(*session, "deallocate all") == "[DEALLOCATE ALL]");
  CHECK(Good(*session, "discard all") == "[DISCARD ALL]");
  CHECK(Bad(*session, "copy (select 1) to stdout").code == ErrorCode::kNotSupported);
  CHECK(Bad(*session, "unload ('select 1') to 's3://x'").Sqlstate() == "42601");
}

TEST_CASE("authentication method 13") {
  const RedshiftProxy proxy(Server().server_port(), {.digest_login = true});
  auto session = Factory().Open(Through(proxy), Soon(), nullptr);
  REQUIRE(!session.ok());
  CHECK(session.error().code == ErrorCode::kUnauthenticated);
  CHECK(session.error().message.find("method 13") != std::string::npos);
}

TEST_CASE("COPY and UNLOAD with S3: their counts are notices") {
  const RedshiftProxy proxy(Server().server_port(), {});
  auto session = OpenRedshift(Through(proxy));
  std::vector<Notice> notices;
  session->SetNoticeSink([&](const Notice& notice) { notices.push_back(notice); });
  CHECK(Good(*session, "begin; copy sales.t (a, b) from 's3://x/y' iam_role default csv; commit") ==
        "[BEGIN][COPY][COMMIT]");
  CHECK(Good(*session, "unload ('select ''a'' from t') to 's3://x/y' iam_role default") == "[UNLOAD]");
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].severity == "INFO");
  CHECK(notices[0].message == "Load into table 't' completed, 17 record(s) loaded successfully.");
  CHECK(notices[1].message == "UNLOAD completed, 17 record(s) unloaded successfully.");
  CHECK(session->stain() == Stain::kNone);
  CHECK(Good(*session, "select pg_last_copy_count()") == "17\n[SELECT 1]");
}

TEST_CASE("a COPY that fails, and the rows that it could not load") {
  const RedshiftProxy proxy(Server().server_port(), {});
  auto session = OpenRedshift(Through(proxy));
  const char* const look =
      "select count(*), min(trim(filename)) from pg_catalog.stl_load_errors e where query = pg_last_copy_id()";
  CHECK(Good(*session, "select count(*) from stl_load_errors") == "0\n[SELECT 1]");
  const Error error = Bad(*session, "copy t from 's3://bad/x' iam_role default");
  CHECK(error.Sqlstate() == "XX000");
  CHECK(error.message == "Load into table 't' failed.  Check 'stl_load_errors' system table for details.");
  CHECK(error.detail.empty());
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, look) == "7|s3://bad/t.csv\n[SELECT 1]");
  Good(*session, "begin");
  Bad(*session, "copy t from 's3://bad/x'");
  CHECK(session->state() == SessionState::kFailedTransaction);
}

}  // namespace
}  // namespace berth::session::live
