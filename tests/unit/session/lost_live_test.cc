#include <sched.h>

#include <atomic>
#include <functional>

#include "live.h"
#include "support/fake_server.h"

namespace berth::session::live {
namespace {

void CheckLost(const Error& error, bool in_doubt) {
  CHECK(error.code == ErrorCode::kSessionLost);
  CHECK(error.Sqlstate() == "08006");
  CHECK(error.session_fate == SessionFate::kDiscard);
  CHECK(error.in_doubt == in_doubt);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("an idle session whose server went away") {
  auto session = Open();
  CHECK(session->LooksAlive());
  CHECK(session->Ping(Soon()).ok());
  Good(*session, "set application_name = 'idle-gone'");
  Server().Psql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'idle-gone'");
  CHECK_FALSE(session->LooksAlive());
  SUBCASE("a ping") {
    CHECK_FALSE(session->Ping(Soon()).ok());
  }
  SUBCASE("a statement: nothing was sent, nothing is in doubt") {
    CheckLost(Bad(*session, "insert into t values (1)"), false);
    CheckLost(Bad(*session, "insert into t values (1)"), false);
  }
  CHECK(session->state() == SessionState::kBroken);
}

TEST_CASE("a backend that is ended in mid-statement") {
  auto session = Open();
  CheckLost(Bad(*session, "select pg_terminate_backend(pg_backend_pid()), pg_sleep(30)"), false);
  session = Open();
  CheckLost(Bad(*session, "with x as (select pg_terminate_backend(pg_backend_pid())) select pg_sleep(30) from x"),
            true);
  session = Open();
  Good(*session, "begin");
  CheckLost(Bad(*session, "with x as (select pg_terminate_backend(pg_backend_pid())) select pg_sleep(30) from x"),
            false);
  CHECK(session->state() == SessionState::kBroken);
}

TEST_CASE("a server that is stopped in mid-result") {
  test::TempPostgres server;
  auto session = Open(Params(server));
  auto outcome = session->Execute("select generate_series(1, 100000000), repeat('x', 1000)", {}, Soon());
  REQUIRE(outcome.ok());
  REQUIRE(outcome.value()->Next().ok());
  server.Stop();
  auto row = outcome.value()->Next();
  while (row.ok() && row.value()) row = outcome.value()->Next();
  REQUIRE(!row.ok());
  CheckLost(row.error(), false);
  outcome.value().reset();
  CHECK(session->state() == SessionState::kBroken);
  session.reset();
  auto refused = Factory().Open(Params(server), Soon(), nullptr);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::kUnavailable);
  server.Start();
  CHECK(Good(*Open(Params(server)), "select 1") == "1\n[SELECT 1]");
}

// Logs in, answers each text by `answer`, and counts CancelRequests.
struct Script {
  std::atomic<int> cancels{0};
  std::function<void(test::FakePeer&)> answer;
  void operator()(test::FakePeer& peer) {
    const std::string startup = peer.Startup();
    if (startup.starts_with(std::string("\x04\xd2\x16\x2e", 4))) {
      CHECK(startup.substr(4) == std::string("\0\0\0\x4d\0\0\0\x63", 8));  // pid 77, key 99
      ++cancels;
      return;
    }
    peer.Welcome("13.1");
    peer.Read();  // the settings
    peer.Complete("SET");
    peer.Ready();
    if (peer.Read().type == 'Q') answer(peer);
  }
};

TEST_CASE("COMMIT was sent and the server hung up: in doubt") {
  Script script;
  script.answer = [](test::FakePeer&) {};
  const test::FakeServer server([&](test::FakePeer& peer, int) { script(peer); });
  auto params = Params();
  params.port = server.port();
  auto session = Open(params);
  const Error error = Bad(*session, "commit");
  CheckLost(error, true);
  CHECK(error.hint.find("77") != std::string::npos);
}

TEST_CASE("half a row, then nothing more") {
  Script script;
  script.answer = [](test::FakePeer& peer) { peer.Send(std::string("D\0\0\0\xff\0\x01", 7)); };
  const test::FakeServer server([&](test::FakePeer& peer, int) { script(peer); });
  auto params = Params();
  params.port = server.port();
  CheckLost(Bad(*Open(params), "select 1"), false);
}

TEST_CASE("a server that does not obey a cancel loses the session, not the caller") {
  Script script;
  script.answer = [](test::FakePeer& peer) { peer.AwaitHangUp(); };
  const test::FakeServer server([&](test::FakePeer& peer, int) { script(peer); });
  auto params = Params();
  params.port = server.port();
  auto session = Open(params);
  const auto started = RealClock().Now();
  const Error error = Bad(*session, "insert into t values (1)", {}, In(50));
  const auto took = RealClock().Now() - started;
  CHECK(error.code == ErrorCode::kDeadlineExceeded);
  CHECK(error.session_fate == SessionFate::kDiscard);
  CHECK(error.in_doubt);
  CHECK(script.cancels > 1);  // asked again and again
  CHECK(took >= kCancelGrace);
  CHECK(took < kCancelGrace + std::chrono::seconds(2));
  CHECK(session->state() == SessionState::kBroken);
}

TEST_CASE("a statement that was done before the cancel came may have been committed") {
  Script script;
  script.answer = [&](test::FakePeer& peer) {
    while (script.cancels == 0) ::sched_yield();
    peer.Complete("INSERT 0 1");
    peer.Ready();
    peer.AwaitHangUp();
  };
  const test::FakeServer server([&](test::FakePeer& peer, int) { script(peer); });
  auto params = Params();
  params.port = server.port();
  auto session = Open(params);
  const Error error = Bad(*session, "insert into t values (1)", {}, In(50));
  CHECK(error.code == ErrorCode::kDeadlineExceeded);
  CHECK(error.in_doubt);
  CHECK(error.session_fate == SessionFate::kKeep);
  CHECK(session->state() == SessionState::kIdle);
}

}  // namespace
}  // namespace berth::session::live
