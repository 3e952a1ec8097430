#include <thread>

#include "live.h"

namespace berth::session::live {
namespace {

TEST_CASE("a query's rows, columns and tag") {
  auto session = Open();
  auto outcome =
      session->Execute("select 1::int as a, 'x'::text as b, null::numeric(5,2) as c, 1.5::float8, true", {}, Soon());
  REQUIRE(outcome.ok());
  RowSource& rows = *outcome.value();
  REQUIRE(rows.columns().size() == 5);
  CHECK(rows.columns()[0].name == "a");
  CHECK(rows.columns()[0].kind == ValueKind::kInteger);
  CHECK(rows.columns()[0].type_oid == 23);
  CHECK(rows.columns()[1].kind == ValueKind::kText);
  CHECK(rows.columns()[2].kind == ValueKind::kNumeric);
  CHECK(rows.columns()[2].type_modifier == ((5 << 16) | 2) + 4);
  CHECK(rows.columns()[3].kind == ValueKind::kFloat);
  CHECK(rows.columns()[4].kind == ValueKind::kBoolean);
  CHECK(session->state() == SessionState::kActive);
  auto row = rows.Next();
  REQUIRE(row.ok());
  REQUIRE(row.value());
  CHECK((*row.value())[0] == "1");
  CHECK((*row.value())[1] == "x");
  CHECK_FALSE((*row.value())[2].has_value());
  REQUIRE(rows.Next().ok());
  CHECK(rows.tag().text == "SELECT 1");
  CHECK(rows.tag().rows == 1);
  CHECK(rows.NextResult().value() == false);
  CHECK(session->state() == SessionState::kIdle);
}

TEST_CASE("several statements in one text give several results") {
  auto session = Open();
  CHECK(Good(*session,
             "create temp table t(a int); insert into t values (1),(2); select a from t order by a; ; "
             "select 9 where false; update t set a = 3") ==
        "[CREATE TABLE][INSERT 0 2]1\n2\n[SELECT 2][SELECT 0][UPDATE 2]");
  CHECK(Good(*session, "") == "[]");
  CHECK(Good(*session, " -- nothing\n") == "[]");
}

TEST_CASE("parameters are bound, NULL and empty apart, with quotes and backslashes as they are") {
  auto session = Open();
  const std::vector<std::optional<std::string>> values = {"o'b\\n", std::nullopt, "", "42"};
  CHECK(Good(*session, "select $1::text, $2::text, $3::text, $4::int + 1", values) == "o'b\\n|~||43\n[SELECT 1]");
}

TEST_CASE("many rows stream") {
  auto session = Open();
  auto outcome = session->Execute("select i, repeat('x', 100) from generate_series(1, 200000) i", {}, Soon());
  REQUIRE(outcome.ok());
  std::size_t count = 0;
  for (;;) {
    auto row = outcome.value()->Next();
    REQUIRE(row.ok());
    if (!row.value()) break;
    ++count;
  }
  CHECK(count == 200'000);
}

TEST_CASE("closing waits for the backend to be gone") {
  auto watcher = Open();
  auto params = Params();
  params.application_name = "berth-close";
  for (int i = 0; i < 200; ++i) {
    Open(params).reset();
    REQUIRE(Good(*watcher, "select count(*) from pg_stat_activity where application_name = 'berth-close'") ==
            "0\n[SELECT 1]");
  }
}

// Returns once a statement with this text runs on the server.
void AwaitRunning(Session& watcher, const std::string& text) {
  const std::string look =
      "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and "
      "query like '%" +
      text + "%'";
  const Deadline patience = Soon();
  while (Good(watcher, look) == "0\n[SELECT 1]") REQUIRE_FALSE(patience.Passed(RealClock()));
}

TEST_CASE("Cancel() from another thread ends the statement and keeps the session") {
  auto session = Open();
  auto watcher = Open();
  std::thread other([&] {
    AwaitRunning(*watcher, "pg_sleep(60.5)");
    session->Cancel();
  });
  const auto started = RealClock().Now();
  const Error error = Bad(*session, "select pg_sleep(60.5)");
  other.join();
  CHECK(error.code == ErrorCode::kCancelled);
  CHECK(error.Sqlstate() == "57014");
  CHECK_FALSE(error.in_doubt);
  CHECK(error.session_fate == SessionFate::kKeep);
  CHECK(RealClock().Now() - started < std::chrono::seconds(20));
  CHECK(session->state() == SessionState::kIdle);
  session->Cancel();  // nothing runs: no effect
  CHECK(Good(*session, "select 1") == "1\n[SELECT 1]");
}

TEST_CASE("a session that waits eagerly: the same answers, Cancel() and a server that hangs up") {
  auto session = Open();
  session->SetEager(true);
  for (int i = 0; i < 200; ++i) REQUIRE(Good(*session, "select " + std::to_string(i)).starts_with(std::to_string(i)));
  CHECK(Good(*session, "select pg_sleep(0.05), 'late'").find("late") != std::string::npos);
  auto watcher = Open();
  std::thread other([&] {
    AwaitRunning(*watcher, "pg_sleep(61.5)");
    session->Cancel();
  });
  CHECK(Bad(*session, "select pg_sleep(61.5)").code == ErrorCode::kCancelled);
  other.join();
  CHECK(Good(*session, "select 1") == "1\n[SELECT 1]");
  CHECK(Bad(*session, "select pg_terminate_backend(pg_backend_pid())").code == ErrorCode::kSessionLost);
  CHECK(session->state() == SessionState::kBroken);
}

TEST_CASE("a session tells on which processor its answers arrive") {
  auto session = Open();
  CHECK(Good(*session, "select 1") == "1\n[SELECT 1]");
  CHECK(session->processor() >= 0);
}

TEST_CASE("a deadline ends the statement, names its limit and keeps the session") {
  auto session = Open();
  const auto started = RealClock().Now();
  const Error error = Bad(*session, "select pg_sleep(60)", {}, In(100));
  CHECK(RealClock().Now() - started < std::chrono::seconds(4));
  CHECK(error.code == ErrorCode::kDeadlineExceeded);
  CHECK(error.Sqlstate() == "57014");
  CHECK(error.message.find(" ms") != std::string::npos);
  CHECK_FALSE(error.in_doubt);
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, "select 1") == "1\n[SELECT 1]");
  CHECK(Bad(*session, "select 1", {}, In(0)).code == ErrorCode::kDeadlineExceeded);
  CHECK(Bad(*session, "begin; select pg_sleep(60)", {}, In(100)).code == ErrorCode::kDeadlineExceeded);
}

TEST_CASE("a deadline in the middle of rows") {
  auto session = Open();
  auto outcome = session->Execute(
      "select repeat('x', 9000), case when i = 3 then pg_sleep(60) end from generate_series(1,3) i", {}, In(500));
  REQUIRE(outcome.ok());
  auto row = outcome.value()->Next();
  while (row.ok() && row.value()) row = outcome.value()->Next();
  REQUIRE(!row.ok());
  CHECK(row.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(session->state() == SessionState::kIdle);
}

TEST_CASE("a silent server, where the URL bounds its silence") {
  auto params = Params();
  params.socket_timeout = std::chrono::milliseconds(100);
  auto session = Open(params);
  const Error error = Bad(*session, "select pg_sleep(60)");
  CHECK(error.code == ErrorCode::kDeadlineExceeded);
  CHECK(error.message.find("socketTimeout of 100 ms") != std::string::npos);
  CHECK(session->state() == SessionState::kIdle);
}

TEST_CASE("rows that are dropped early are cancelled and the session is clean") {
  auto session = Open();
  const auto started = RealClock().Now();
  for (int i = 0; i < 20; ++i) {
    auto outcome = session->Execute("select generate_series(1, 100000000), repeat('x', 100)", {}, Soon());
    REQUIRE(outcome.ok());
    REQUIRE(outcome.value()->Next().ok());
    outcome.value().reset();
    REQUIRE(session->state() == SessionState::kIdle);
    REQUIRE(Good(*session, "select 1") == "1\n[SELECT 1]");
  }
  CHECK(RealClock().Now() - started < std::chrono::seconds(20));
  Good(*session, "begin");
  auto small = session->Execute("select i from generate_series(1, 10) i", {}, Soon());
  REQUIRE(small.ok());
  CHECK(session->state() == SessionState::kActive);
  auto busy = session->Execute("select 1", {}, Soon());
  REQUIRE(!busy.ok());
  CHECK(busy.error().code == ErrorCode::kFailedPrecondition);
  session->Cancel();  // still reaches the statement that runs
  auto row = small.value()->Next();
  while (row.ok() && row.value()) row = small.value()->Next();
  REQUIRE(!row.ok());
  CHECK(row.error().code == ErrorCode::kCancelled);
}

TEST_CASE("an error has the server's words and points into the text") {
  auto session = Open();
  const Error error = Bad(*session, "select 'äöü', nope from generate_series(1,2)");
  CHECK(error.code == ErrorCode::kServer);
  CHECK(error.Sqlstate() == "42703");
  CHECK(error.message == "column \"nope\" does not exist");
  REQUIRE(error.span);
  CHECK(error.span->offset == std::string_view("select 'äöü', ").size());
  CHECK(error.span->length == 4);
  CHECK(error.session_fate == SessionFate::kKeep);

  const Error raised = Bad(*session,
                           "do $$ begin raise exception 'no' using detail = 'because', hint = 'try', "
                           "errcode = 'P0042'; end $$");
  CHECK(raised.Sqlstate() == "P0042");
  CHECK(raised.message == "no");
  CHECK(raised.hint == "try");
  CHECK(raised.detail.starts_with("because\nCONTEXT: PL/pgSQL function inline_code_block line 1"));
  CHECK(session->state() == SessionState::kIdle);

  Good(*session, "begin");
  Bad(*session, "select 1/0");
  CHECK(session->state() == SessionState::kFailedTransaction);
  CHECK(Bad(*session, "select 1").Sqlstate() == "25P02");
  Good(*session, "rollback");
}

TEST_CASE("an error after rows, and in a later statement of the text") {
  auto session = Open();
  auto outcome = session->Execute("select 10 / (3000 - i), repeat('x', 100) from generate_series(1, 5000) i; select 2",
                                  {}, Soon());
  REQUIRE(outcome.ok());
  auto row = outcome.value()->Next();
  int count = 0;
  for (; row.ok() && row.value(); row = outcome.value()->Next()) ++count;
  REQUIRE(!row.ok());
  CHECK(count == 2999);
  CHECK(row.error().Sqlstate() == "22012");
  auto after = outcome.value()->Next();
  REQUIRE(after.ok());
  CHECK_FALSE(after.value());
  CHECK(outcome.value()->NextResult().value() == false);
  outcome.value().reset();
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Bad(*session, "select 1; select nope; select 3").Sqlstate() == "42703");
  CHECK(Good(*session, "select 1") == "1\n[SELECT 1]");
}

TEST_CASE("COPY with the client is refused and the session is kept") {
  auto session = Open();
  Good(*session, "create temp table t(a int)");
  for (const char* sql : {"copy t from stdin", "copy (select generate_series(1, 30000000)) to stdout",
                          "copy t to stdout; select 1", "insert into t values (1); copy t from stdin; select 2"}) {
    CAPTURE(sql);
    const Error error = Bad(*session, sql);
    CHECK(error.code == (Redshift() ? ErrorCode::kServer : ErrorCode::kNotSupported));  // Redshift refuses it itself
    CHECK(error.session_fate == SessionFate::kKeep);
    CHECK(session->state() == SessionState::kIdle);
  }
  const std::vector<std::optional<std::string>> values = {"1"};
  CHECK(Good(*session, "select count(*) from t where a <= $1", values) == "0\n[SELECT 1]");
}

TEST_CASE("notices are handed on") {
  auto session = Open();
  std::vector<Notice> notices;
  session->SetNoticeSink([&](const Notice& notice) { notices.push_back(notice); });
  Good(*session,
       "do $$ begin raise warning 'careful' using detail = 'd', hint = 'h'; end $$; drop table if exists nope");
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].severity == "WARNING");
  CHECK(notices[0].sqlstate == "01000");
  CHECK(notices[0].message == "careful");
  CHECK(notices[0].detail == "d");
  CHECK(notices[0].hint == "h");
  CHECK(notices[1].severity == "NOTICE");
  session->SetNoticeSink(nullptr);
  Good(*session, "drop table if exists nope");
  CHECK(notices.size() == 2);
}

TEST_CASE("texts and parameters that cannot be sent") {
  auto session = Open();
  const Error nul = Bad(*session, std::string_view("select 1\0; drop table t", 23));
  CHECK(nul.code == ErrorCode::kInvalidArgument);
  CHECK(nul.span->offset == 8);
  std::vector<std::optional<std::string>> values = {std::string("a\0b", 3)};
  CHECK(Bad(*session, "select $1", values).code == ErrorCode::kInvalidArgument);
  values.assign(65'536, "1");
  CHECK(Bad(*session, "select $1", values).code == ErrorCode::kLimitExceeded);
  CHECK(session->state() == SessionState::kIdle);
}

TEST_CASE("a long text goes out while the server talks") {
  auto session = Open();
  std::string sql;
  for (int i = 0; i < 60'000; ++i) sql += "select repeat('x', 200);\n";
  auto text = Run(*session, sql);
  REQUIRE(text.ok());
  CHECK(text.value().size() == 60'000 * (201 + std::string_view("[SELECT 1]").size()));
}

}  // namespace
}  // namespace berth::session::live
