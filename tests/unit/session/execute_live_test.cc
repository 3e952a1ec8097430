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

}  // namespace
}  // namespace berth::session::live
