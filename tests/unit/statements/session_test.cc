#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/fake_session.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"
#include "unit/statements/fake_engine.h"
#include "unit/statements/service_fixture.h"

namespace berth::statements {
namespace {

using test::Eventually;

struct Fixture {
  test::ManualClock clock;
  test::TempDir folder;
  FakeEngine engine;
  std::unique_ptr<StatementService> service = Open();

  std::unique_ptr<StatementService> Open() {
    auto opened = StatementService::Open({.engine = &engine, .folder = folder / "s", .clock = &clock});
    if (!opened.ok()) FAIL(opened.error().message);
    return std::move(opened).value();
  }
  SubmitRequest Opening(std::string sql, std::int64_t keep_alive_s = 60) {
    auto request = RequestOf(std::move(sql));
    request.session_keep_alive_s = keep_alive_s;
    return request;
  }
  static SubmitRequest In(const std::string& session, std::string sql) {
    auto request = RequestOf(std::move(sql));
    request.connection.clear();
    request.session_id = session;
    return request;
  }
  // Time passes until it has come.
  template <class T>
  bool Await(const Answer<T>& answer) {
    return Eventually([&] {
      clock.Advance(std::chrono::milliseconds(1));
      return answer.there();
    });
  }
  std::vector<KeptSession> Sessions(std::optional<SessionStatus> status = std::nullopt) {
    return service->ListSessions({.caller = "ann", .status = status}).value().sessions;
  }
};

TEST_CASE("a kept session runs its statements one at a time, in order, on one backend") {
  Fixture at;
  const auto opened = RunToEnd(*at.service, at.Opening("SET a"));
  REQUIRE(opened.session_id);
  const auto blocks = SubmitId(*at.service, Fixture::In(*opened.session_id, "block"));
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(SubmitId(*at.service, Fixture::In(*opened.session_id, "x" + std::to_string(i))));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  CHECK(at.Sessions().front().status == SessionStatus::kBusy);
  CHECK(at.Sessions().front().statement_id == blocks);
  CHECK(at.Sessions(SessionStatus::kAvailable).empty());
  at.engine.Release();
  for (const auto& id : ids) CHECK(Ended(*at.service, id).redshift_pid == 1);
  CHECK(at.engine.texts() == std::vector<std::string>{"1 SET a", "1 block", "1 x0", "1 x1", "1 x2", "1 x3", "1 x4"});
  CHECK(at.engine.open() == 1);
  CHECK(Eventually([&] { return at.Sessions(SessionStatus::kAvailable).size() == 1; }));
}

TEST_CASE("a kept session ends when nothing was run in it for so long") {
  Fixture at;
  const auto session = *RunToEnd(*at.service, at.Opening("SET a", 60)).session_id;
  at.clock.Advance(std::chrono::seconds(50));
  RunToEnd(*at.service, Fixture::In(session, "x"));
  at.clock.Advance(std::chrono::seconds(50));
  RunToEnd(*at.service, Fixture::In(session, "y"));
  CHECK(at.engine.open() == 1);
  at.clock.Advance(std::chrono::seconds(62));
  CHECK(Eventually([&] { return at.engine.open() == 0; }));
  CHECK(Submit(*at.service, Fixture::In(session, "z")).error().message == "Session is not available.");
  CHECK(Eventually([&] { return at.Sessions(SessionStatus::kClosed).size() == 1; }));
  CHECK(Submit(*at.service, Fixture::In("11111111-1111-4111-8111-111111111111", "z")).error().message ==
        "Session with Id: 11111111-1111-4111-8111-111111111111 is invalid");
  auto stranger = Fixture::In(session, "z");
  stranger.caller = "bob";
  CHECK(Submit(*at.service, stranger).error().message == "Session with Id: " + session + " is invalid");
  CHECK(at.service->ListSessions({.caller = "bob", .session_id = session}).error().code == ErrorCode::kNotFound);
}

TEST_CASE("sessions hold at most half of a connection's cap") {
  Fixture at;  // the cap is 5
  const auto first = RunToEnd(*at.service, at.Opening("a"));
  RunToEnd(*at.service, at.Opening("b"));
  const auto third = Submit(*at.service, at.Opening("c"));
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code == ErrorCode::kTooManySessions);
  CHECK(third.error().message.find("half of its cap of 5") != std::string::npos);
  auto last = Fixture::In(*first.session_id, "d");
  last.session_keep_alive_s = 0;  // it ends with this one
  RunToEnd(*at.service, last);
  CHECK(Eventually([&] { return at.engine.open() == 1; }));
  CHECK(Submit(*at.service, at.Opening("e")).ok());
}

TEST_CASE("a session whose link is lost is not available, and what waited in it fails") {
  Fixture at;
  const auto session = *RunToEnd(*at.service, at.Opening("SET a")).session_id;
  const auto blocks = SubmitId(*at.service, Fixture::In(session, "block"));
  const auto loses = SubmitId(*at.service, Fixture::In(session, "lose"));
  const auto waits = SubmitId(*at.service, Fixture::In(session, "x"));
  at.engine.Release();
  Ended(*at.service, blocks);
  CHECK(Ended(*at.service, loses).progress.error.find("in doubt") != std::string::npos);
  const auto facts = Ended(*at.service, waits);
  CHECK(facts.progress.state == StatementState::kFailed);
  CHECK(facts.progress.error == "ERROR: Session is not available.");
  CHECK(Submit(*at.service, Fixture::In(session, "y")).error().message == "Session is not available.");
  CHECK(at.engine.open() == 0);
}

TEST_CASE("a statement that waits in a session is cancelled and the session goes on") {
  Fixture at;
  const auto session = *RunToEnd(*at.service, at.Opening("SET a")).session_id;
  const auto blocks = SubmitId(*at.service, Fixture::In(session, "block"));
  const auto waits = SubmitId(*at.service, Fixture::In(session, "x"));
  const auto after = SubmitId(*at.service, Fixture::In(session, "y"));
  CHECK(at.service->Cancel("ann", waits).ok());
  CHECK(Ended(*at.service, waits).progress.state == StatementState::kAborted);
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  CHECK(at.service->Cancel("ann", blocks).ok());
  CHECK(Ended(*at.service, blocks).progress.state == StatementState::kAborted);
  CHECK(Ended(*at.service, after).redshift_pid == 1);
}

TEST_CASE("what a service that is stopped had not begun is run by the next one") {
  Fixture at;
  at.engine.connections[0].sessions_max = 1;
  const auto running = SubmitId(*at.service, RequestOf("block"));
  const auto waiting = SubmitId(*at.service, RequestOf("rows 2"));
  const auto session = SubmitId(*at.service, at.Opening("SET a"));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  auto next = at.Open();  // hand-over: it serves while the old one drains
  at.clock.Advance(std::chrono::milliseconds(200));
  CHECK(Eventually([&] { return StateOf(*next, running) == "STARTED"; }));
  Answer<StatementFacts> waits, waits_at_next;
  at.service->Wait("ann", waiting, Deadline::Never(), waits.Done());
  next->Wait("ann", running, Deadline::Never(), waits_at_next.Done());
  at.service->Drain(Deadline::At(at.clock.Now()));
  CHECK(Submit(*at.service, RequestOf("rows 1")).error().code == ErrorCode::kThrottled);
  CHECK(Ended(*at.service, running).progress.state == StatementState::kAborted);
  CHECK(Ended(*at.service, running).progress.error.find("The service was stopped") != std::string::npos);
  CHECK(Ended(*at.service, session).progress.error == "ERROR: Session is not available.");
  CHECK(at.Await(waits));
  CHECK(at.Await(waits_at_next));
  CHECK(Ended(*next, waiting).progress.result_rows == 2);
  CHECK(next->Page("ann", waiting, "", ResultFormat::kJson).value().total_rows == 2);
  CHECK(waits.Await().value().progress.state == StatementState::kFinished);
  CHECK(waits_at_next.Await().value().progress.state == StatementState::kAborted);
  CHECK(next->List({.caller = "ann"}).value().statements.size() == 1);
}

TEST_CASE("a statement of another process that lives is described and cancelled through the store") {
  Fixture at;
  auto next = at.Open();
  const auto id = SubmitId(*at.service, RequestOf("block"));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  CHECK(next->Cancel("bob", id).error().message == "Query does not exist.");
  CHECK(next->Cancel("ann", id).ok());
  Answer<StatementFacts> ended;
  at.service->Wait("ann", id, Deadline::Never(), ended.Done());
  CHECK(at.Await(ended));
  CHECK(ended.Await().value().progress.state == StatementState::kAborted);
  CHECK(StateOf(*next, id) == "ABORTED");
  next.reset();
  CHECK(RunToEnd(*at.service, RequestOf("rows 1")).progress.state == StatementState::kFinished);
}

}  // namespace
}  // namespace berth::statements
