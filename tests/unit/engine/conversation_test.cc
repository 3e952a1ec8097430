#include "engine/conversation.h"

#include <poll.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "unit/engine/engine_fixture.h"

using berth::test::EngineFixture;
using berth::test::FakeRows;
using berth::test::FakeSession;
using berth::test::kCreateWh;

namespace {

std::string Say(berth::Conversation& conversation, std::string_view text) {
  return EngineFixture::Say(conversation, text);
}

std::size_t Sent(const EngineFixture& fixture, const std::string& text) {
  return fixture.server.CountEvents(text);
}

}  // namespace

TEST_CASE("text that is not Berth's reaches the server byte for byte, on one session") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  CHECK(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  CHECK(Say(*talk, "select 1").starts_with("08003 no connection is in use"));
  CHECK(Say(*talk, "USE CONNECTION wh") == "USE");
  CHECK(fixture.server.login_count() == 0);
  CHECK(Say(*talk, "  SeLeCt 1 -- so") == "  SeLeCt 1 -- so");
  CHECK(Say(*talk, "select 2") == "select 2");
  CHECK(Sent(fixture, "  SeLeCt 1 -- so") == 1);
  CHECK(fixture.server.login_count() == 1);
  const auto name = fixture.server.params().front().application_name;
  CHECK_MESSAGE((name.starts_with("berth/test@") && name.ends_with("/wh")), name);
  CHECK(fixture.server.params().front().password.Reveal() == "p");
}

TEST_CASE("EXECUTE ON CONNECTION sends what stands between the quotes, on a session of its own if need be") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  CHECK(Say(*talk, "EXECUTE ON CONNECTION wh AS $x$ DROP CONNECTION wh $x$") == " DROP CONNECTION wh ");
  CHECK(Say(*talk, "EXECUTE ON CONNECTION nowhere AS $$ 1 $$").starts_with("42704"));
  CHECK(talk->state().session_open == false);
}

TEST_CASE("the first name decides whose USE x, CREATE TABLE a.b.t and DROP TABLE a.b.t are") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  CHECK(Say(*talk, "USE other").starts_with("42704"));
  REQUIRE(Say(*talk, "USE wh") == "USE");
  CHECK(Say(*talk, "USE other") == "USE other");
  CHECK(Say(*talk, "DROP TABLE dev.s.t") == "DROP TABLE dev.s.t");
  CHECK(Say(*talk, "CREATE TABLE wh.s.t (a int)") == "CREATE TABLE");
  CHECK(Sent(fixture, "CREATE TABLE s.t (a int)") == 1);
  CHECK(Say(*talk, "DROP TABLE wh.s.t") == "DROP TABLE");
  CHECK(Sent(fixture, "DROP TABLE s.t") == 1);

  fixture.server.OnExecute(
      [](FakeSession&, std::string_view, berth::Parameters, berth::Deadline) -> berth::Result<berth::Outcome> {
        return berth::Error{.code = berth::ErrorCode::kServer, .message = "no such table", .sqlstate = "42P01"};
      });
  const auto refused = talk->Execute("DROP TABLE dev.s.t", {}, berth::Deadline::Never());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint.find("No connection is named dev") != std::string::npos);
}

TEST_CASE("a change of the catalog inside a warehouse transaction is refused, with the reason") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk, "USE wh") == "USE");
  REQUIRE(Say(*talk, "BEGIN") == "BEGIN");
  CHECK(talk->state().transaction == berth::TransactionState::kWarehouse);
  CHECK(Say(*talk, "DROP CONNECTION wh")
            .starts_with("25001 a change of the catalog cannot run inside a transaction of connection wh"));
  CHECK(Say(*talk, "CREATE TABLE wh.s.t (a int)").starts_with("25001"));
  CHECK(Say(*talk, "USE CONNECTION wh").starts_with("25001"));
  CHECK(Say(*talk, "SHOW CONNECTIONS") == "SHOW");
  REQUIRE(Say(*talk, "COMMIT") == "COMMIT");
  CHECK(Say(*talk, "DROP CONNECTION wh") == "DROP CONNECTION");
  CHECK(talk->state().connection.empty());
}

TEST_CASE("a catalog transaction is all or nothing, and passed text is refused inside") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const auto other = fixture.Talk();
  REQUIRE(Say(*talk, "BEGIN") == "BEGIN");
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  CHECK(Say(*other, "SHOW CREATE CONNECTION wh").starts_with("42704"));
  CHECK(Say(*talk, "SHOW CREATE CONNECTION wh") == "SHOW");
  CHECK(Say(*talk, "select 1").starts_with("25001"));
  CHECK(talk->state().transaction == berth::TransactionState::kFailedCatalog);
  CHECK(Say(*talk, "CREATE TABLE wh.s.t (a int)").starts_with("25001"));
  CHECK(Say(*talk, "SHOW CONNECTIONS").starts_with("25P02"));
  CHECK(Say(*talk, "COMMIT") == "ROLLBACK");
  CHECK(Say(*other, "SHOW CREATE CONNECTION wh").starts_with("42704"));

  REQUIRE(Say(*talk, "START TRANSACTION") == "BEGIN");
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  CHECK(Say(*talk, "END") == "COMMIT");
  CHECK(Say(*other, "SHOW CREATE CONNECTION wh") == "SHOW");

  for (const auto* refused : {"CRAETE JOB j AS SELECT 1", "DROP CONNECTION nowhere", "SHOW CONNECTION",
                              "SHOW berth.nothing", "USE wh", "CREATE TABLE wh.s.t (a int)", "BEGIN READ ONLY"}) {
    CAPTURE(refused);
    REQUIRE(Say(*talk, "BEGIN") == "BEGIN");
    REQUIRE(Say(*talk, "DROP CONNECTION wh") == "DROP CONNECTION");
    CHECK_FALSE(Say(*talk, refused).empty());
    CHECK(talk->state().transaction == berth::TransactionState::kFailedCatalog);
    CHECK(Say(*talk, "COMMIT") == "ROLLBACK");
    CHECK(Say(*other, "SHOW CREATE CONNECTION wh") == "SHOW");
  }
  CHECK(Say(*talk, "BEGIN ISOLATION LEVEL SERIALIZABLE").starts_with("0A000"));
}

TEST_CASE("a catalog transaction that is left open is rolled back by the watch") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const auto other = fixture.Talk();
  REQUIRE(Say(*talk, "BEGIN") == "BEGIN");
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  fixture.clock.Advance(std::chrono::seconds(61));
  REQUIRE(berth::test::Eventually([&] {
    fixture.clock.Advance(std::chrono::seconds(1));  // the watch may have come to look only now
    return talk->state().transaction == berth::TransactionState::kFailedCatalog;
  }));
  CHECK(Say(*other, kCreateWh) == "CREATE CONNECTION");  // the write lock is free
  CHECK(Say(*talk, "SHOW CONNECTIONS").find("open for more than 60000 ms") != std::string::npos);
  CHECK(Say(*talk, "COMMIT") == "ROLLBACK");
}

TEST_CASE("a session lost within a transaction: nothing runs until it is ended") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk, "USE wh") == "USE");
  REQUIRE(Say(*talk, "BEGIN") == "BEGIN");
  fixture.server.OnExecute([](FakeSession& session, std::string_view sql, berth::Parameters,
                              berth::Deadline) -> berth::Result<berth::Outcome> {
    if (sql != "die") return berth::Outcome(std::make_unique<FakeRows>(std::string(sql)));
    session.SetState(berth::session::SessionState::kBroken);
    return berth::Error{.code = berth::ErrorCode::kSessionLost, .message = "gone"};
  });
  CHECK(Say(*talk, "die") == "08006 gone");
  CHECK(Say(*talk, "insert").starts_with("25P02 the transaction was lost"));
  CHECK(Sent(fixture, "insert") == 0);
  CHECK(Say(*talk, "COMMIT") == "ROLLBACK");
  CHECK(Say(*talk, "insert") == "insert");
  CHECK(fixture.server.login_count() == 2);
}

TEST_CASE("DROP TABLE of a table that a job uses is refused; a refused CREATE TABLE leaves no record") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk, "CREATE TABLE wh.s.t (a int)") == "CREATE TABLE");
  REQUIRE(Say(*talk, "CREATE JOB j AS INSERT INTO wh.s.t SELECT 1") == "CREATE JOB");
  CHECK(Say(*talk, "DROP TABLE wh.s.t").starts_with("2BP01 cannot drop table s.t: jobs use it: j"));
  CHECK(Say(*talk, "DROP CONNECTION wh") == "2BP01 Cannot delete connection due to usages: s.t j");
  CHECK(Say(*talk, "DROP CONNECTION wh CASCADE") == "DROP CONNECTION");
  CHECK(Sent(fixture, "DROP TABLE s.t") == 0);

  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  fixture.server.OnExecute(
      [](FakeSession&, std::string_view, berth::Parameters, berth::Deadline) -> berth::Result<berth::Outcome> {
        return berth::Error{.code = berth::ErrorCode::kServer, .message = "exists", .sqlstate = "42P07"};
      });
  CHECK(Say(*talk, "CREATE TABLE wh.s.t (a int)") == "42P07 exists");
  CHECK(Say(*talk, "DROP CONNECTION wh") == "DROP CONNECTION");
}

TEST_CASE("of two who create one table, the one who fails leaves the other's record alone") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const auto other = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  std::string others;
  int creates = 0;
  fixture.server.OnExecute(
      [&](FakeSession&, std::string_view, berth::Parameters, berth::Deadline) -> berth::Result<berth::Outcome> {
        if (++creates == 2) {
          return berth::Error{.code = berth::ErrorCode::kServer, .message = "exists", .sqlstate = "42P07"};
        }
        others = Say(*other, "CREATE TABLE wh.s.t (a int)");  // while the first is under way
        return berth::Outcome(std::make_unique<berth::test::FakeRows>("CREATE TABLE"));
      });
  CHECK(Say(*talk, "CREATE TABLE wh.s.t (a int)") == "CREATE TABLE");
  CHECK(others == "42P07 exists");
  CHECK(Say(*talk, "DROP CONNECTION wh") == "2BP01 Cannot delete connection due to usages: s.t");
}

TEST_CASE("open rows hold the conversation; Cancel reaches the session that runs") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk, "USE wh") == "USE");
  auto rows = talk->Execute("select 1", {}, berth::Deadline::Never());
  REQUIRE(rows.ok());
  CHECK(Say(*talk, "select 2").starts_with("55000"));
  talk->Cancel();
  CHECK(fixture.server.CountEvents("cancel 1") == 1);
  rows.value().reset();
  talk->Cancel();  // nothing runs
  CHECK(fixture.server.CountEvents("cancel 1") == 1);
  CHECK(Say(*talk, "select 2") == "select 2");
}

TEST_CASE("an ALTER of its own connection: the next statement has a new session; another's waits for a clean one") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const auto other = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  for (const auto& each : {talk.get(), other.get()}) {
    REQUIRE(Say(*each, "USE wh") == "USE");
    REQUIRE(Say(*each, "select 1") == "select 1");
  }
  REQUIRE(fixture.server.login_count() == 2);
  REQUIRE(Say(*talk, "ALTER REDSHIFT CONNECTION wh SET CONNECTION_STRING = 'jdbc:redshift://127.0.0.1:5439/other'") ==
          "ALTER CONNECTION");
  CHECK(Say(*talk, "select 2") == "select 2");
  CHECK(fixture.server.params().back().database == "other");
  CHECK(Say(*other, "select 2") == "select 2");
  CHECK(fixture.server.login_count() >= 3);
}

TEST_CASE(
    "passwords by COMMAND and PROMPT are resolved at the login, and asked again once the server has refused them") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const std::string where = " CONNECTION_STRING = 'jdbc:redshift://127.0.0.1:5439/dev' USER_NAME = 'u' PASSWORD = ";
  CHECK(Say(*talk, "CREATE REDSHIFT CONNECTION bad" + where + "COMMAND '/bin/echo \"'")
            .starts_with("22023 the password command has"));
  REQUIRE(Say(*talk, "CREATE REDSHIFT CONNECTION by_command" + where + "COMMAND '/usr/bin/printf {\\\"DbUser\\\":1}'")
              .starts_with("CREATE"));
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_command AS $$x$$").starts_with("28000 the password command printed"));
  REQUIRE(Say(*talk, "ALTER REDSHIFT CONNECTION by_command SET PASSWORD = COMMAND '/usr/bin/printf made'") ==
          "ALTER CONNECTION");
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_command AS $$x$$") == "x");
  CHECK(fixture.server.params().back().password.Reveal() == "made");

  REQUIRE(Say(*talk, "CREATE REDSHIFT CONNECTION by_prompt" + where + "PROMPT") == "CREATE CONNECTION");
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_prompt AS $$x$$") == "x");
  CHECK(fixture.server.params().back().password.Reveal() == "typed");
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_prompt AS $$x$$") == "x");
  CHECK(fixture.prompts == 1);
  REQUIRE(Say(*talk, "ALTER REDSHIFT CONNECTION by_prompt SET PASSWORD = PROMPT") == "ALTER CONNECTION");
  fixture.server.ScriptLogin(berth::Error{.code = berth::ErrorCode::kUnauthenticated, .message = "refused"});
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_prompt AS $$x$$").starts_with("28P01"));
  fixture.clock.Advance(std::chrono::seconds(10));  // the pool backs off after a refused login
  CHECK(Say(*talk, "EXECUTE ON CONNECTION by_prompt AS $$x$$") == "x");
  CHECK(fixture.prompts == 3);
}

TEST_CASE(
    "a conversation that has been quiet for a minute yields a session that could not be missed, and only if others "
    "wait") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  const auto other = fixture.Talk();
  REQUIRE(Say(*talk, std::string(kCreateWh) + " MAX_CONCURRENT_CONNECTIONS = 1") == "CREATE CONNECTION");
  for (const auto* each : {&talk, &other}) REQUIRE(Say(**each, "USE wh") == "USE");
  REQUIRE(Say(*talk, "select 1") == "select 1");
  fixture.clock.Advance(std::chrono::seconds(61));
  CHECK(talk->state().session_open);  // nobody waits
  std::string answer;
  std::thread waiter([&] { answer = Say(*other, "select 2"); });
  CHECK(berth::test::Eventually([&] {
    fixture.clock.Advance(std::chrono::milliseconds(1));
    return !talk->state().session_open;
  }));
  waiter.join();
  CHECK(answer == "select 2");
  CHECK(fixture.server.open_most() == 1);
}

TEST_CASE("RENAME reaches into the bodies of jobs") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk,
              "CREATE JOB j AS INSERT INTO REDSHIFT wh.s.a SELECT wh.s.b.x, 'wh.s.b' FROM \"wh\" . s.b /* wh.s.c */") ==
          "CREATE JOB");
  REQUIRE(Say(*talk, "ALTER REDSHIFT CONNECTION wh RENAME TO \"New One\"") == "ALTER CONNECTION");
  auto shown = talk->Execute("SHOW CREATE JOB j", {}, berth::Deadline::Never());
  REQUIRE(shown.ok());
  const std::string text(*shown.value()->Next().value()->back());
  CHECK(text.find("INSERT INTO REDSHIFT \"New One\".s.a SELECT \"New One\".s.b.x, 'wh.s.b' FROM \"New One\" . s.b") !=
        std::string::npos);
  shown.value().reset();
  REQUIRE(Say(*talk, "DROP JOB j") == "DROP JOB");
  CHECK(Say(*talk, text) == "CREATE JOB");
}

TEST_CASE("a SELECT on system tables ends at the sooner of its own limit and the statement's") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  constexpr const char* kForever =
      "SELECT count(*) FROM system.information_schema.connections, "
      "(WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r)";
  const auto refused = [&](berth::Deadline deadline) {
    std::optional<berth::Error> error;
    std::atomic<bool> done{false};
    std::thread runs([&] {
      auto outcome = talk->Execute(kForever, {}, deadline);
      if (!outcome.ok()) error = outcome.error();
      done = true;
    });
    while (!done) {
      fixture.clock.Advance(std::chrono::seconds(1));
      ::poll(nullptr, 0, 1);  // ms of real time: the one that runs is to come to the clock's lock
    }
    runs.join();
    REQUIRE(error.has_value());
    CHECK(error->code == berth::ErrorCode::kDeadlineExceeded);
    return error->message;
  };
  CHECK(refused(berth::Deadline::Never()) == "the SELECT on system tables was cancelled: it ran for more than 30 s");
  CHECK(refused(berth::Deadline::After(fixture.clock, std::chrono::seconds(10))) ==
        "the statement took longer than its deadline allows");
}

TEST_CASE("what a SELECT on system tables asks of the servers counts towards its limit") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
  REQUIRE(Say(*talk, "USE CONNECTION wh") == "USE");
  REQUIRE(Say(*talk, "SELECT 1") == "SELECT 1");
  std::optional<std::chrono::nanoseconds> left;
  fixture.server.OnExecute([&](FakeSession&, std::string_view, berth::Parameters,
                               berth::Deadline deadline) -> berth::Result<berth::Outcome> {
    left = deadline.never() ? std::chrono::nanoseconds::max() : deadline.time() - fixture.clock.Now();
    return berth::Error{.code = berth::ErrorCode::kDeadlineExceeded, .message = "the server was too slow"};
  });
  CHECK(Say(*talk, "WITH s AS (SELECT * FROM \"system\".information_schema.sessions) SELECT count(*) FROM s") ==
        "57014 the SELECT on system tables was cancelled: it ran for more than 30 s");
  REQUIRE(left.has_value());
  CHECK(*left == std::chrono::seconds(30));
}

TEST_CASE("NUL bytes and parameters for Berth's own statements are refused") {
  EngineFixture fixture;
  const auto talk = fixture.Talk();
  CHECK(Say(*talk, std::string("select '\0'", 10)).starts_with("22021"));
  const std::vector<std::optional<std::string>> parameters = {"x"};
  CHECK_FALSE(talk->Execute("SHOW CONNECTIONS", parameters, berth::Deadline::Never()).ok());
}

TEST_CASE("a catalog's URL that is refused is quoted without its password") {
  const auto engine = berth::Engine::Open({.catalog_uri = "postgresql://u:hunter2@h/d"});
  REQUIRE_FALSE(engine.ok());
  CHECK(engine.error().message.find("postgresql://u:********@h/d") != std::string::npos);
}
