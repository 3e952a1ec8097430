#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "berth/engine.h"
#include "support/fake_server.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"
#include "support/tls_postgres.h"

namespace berth {
namespace {

using test::TempPostgres;

// A step's row; the times are not compared.
struct Step {
  std::string name, status, detail, hint;
  bool timed = false;
};
struct Answer {
  std::vector<Step> steps;
  std::optional<Error> error;  // of the statement
  std::string tag;
};

class World {
 public:
  World() {
    auto engine = Engine::Open({.catalog_uri = "sqlite:" + (folder_ / "catalog.db"), .program = "test"});
    REQUIRE(engine.ok());
    engine_ = std::move(engine).value();
    conversation_ = engine_->NewConversation();
  }
  Conversation& conversation() { return *conversation_; }
  void Connection(const std::string& name, const std::string& url, const std::string& password,
                  const std::string& more = "") {
    Run("CREATE REDSHIFT CONNECTION " + name + " CONNECTION_STRING = '" + url +
        "' USER_NAME = 'berth' PASSWORD = " + password + " " + more);
  }
  void Run(const std::string& sql) {
    auto outcome = conversation_->Execute(sql, {}, Deadline::Never());
    REQUIRE_MESSAGE(outcome.ok(), outcome.error().message);
    while (true) {
      auto row = outcome.value()->Next();
      REQUIRE(row.ok());
      if (!row.value()) return;
    }
  }
  Answer Test(const std::string& name) {
    auto outcome = conversation_->Execute("TEST CONNECTION " + name, {}, Deadline::Never());
    Answer answer;
    if (!outcome.ok()) {
      answer.error = std::move(outcome).TakeError();
      return answer;
    }
    RowSource& rows = *outcome.value();
    for (auto row = rows.Next(); row.ok() && row.value(); row = rows.Next()) {
      const auto fields = *row.value();
      answer.steps.push_back({.name = std::string(*fields[0]),
                              .status = std::string(*fields[1]),
                              .detail = std::string(fields[3].value_or("")),
                              .hint = std::string(fields[4].value_or("")),
                              .timed = fields[2].has_value()});
    }
    answer.tag = rows.tag().text;
    auto more = rows.NextResult();
    if (!more.ok()) answer.error = std::move(more).TakeError();
    return answer;
  }

 private:
  test::TempDir folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Conversation> conversation_;
};

std::string Statuses(const Answer& answer) {
  std::string text;
  for (const auto& step : answer.steps) {
    text += (text.empty() ? "" : " ") + step.name + ":" + step.status;
    CHECK(step.timed == (step.status != "skipped"));
    CHECK((step.status != "failed") == step.hint.empty());
  }
  return text;
}

TEST_CASE("TEST CONNECTION of one that works") {
  World world;
  auto& server = TempPostgres::Shared();
  world.Connection("c", server.JdbcUrl(), "'" + server.password() + "'", "MAX_CONCURRENT_CONNECTIONS = 1");
  for (int round = 0; round < 3; ++round) {  // the cap is 1: each gives its session back, and logs in anew
    const Answer answer = world.Test("c");
    CHECK(!answer.error);
    CHECK(answer.tag == "TEST CONNECTION");
    CHECK(Statuses(answer) == "resolve:ok tcp:ok tls:skipped login:ok query:ok");
    CHECK(answer.steps[0].detail == "127.0.0.1");
    CHECK(answer.steps[1].detail == "127.0.0.1 port " + std::to_string(server.port()));
    CHECK(answer.steps[3].detail.find("process ") != std::string::npos);
    CHECK(answer.steps[4].detail == "user berth, database dev");
  }
}

TEST_CASE("the login that is tested is a new one: an old session says nothing of the password") {
  World world;
  auto& server = TempPostgres::Shared();
  server.Psql("create role tested login password 'one'");
  world.Connection("c", server.JdbcUrl(), "'one'");
  world.Run("ALTER REDSHIFT CONNECTION c SET USER_NAME = 'tested'");
  world.Run("USE c");
  world.Run("SELECT 1");
  server.Psql("alter role tested password 'two'");
  world.Run("SELECT 1");  // the session that is open goes on
  const Answer answer = world.Test("c");
  REQUIRE(answer.error.has_value());
  CHECK(answer.error->Sqlstate() == "28P01");
  CHECK(Statuses(answer) == "resolve:ok tcp:ok tls:skipped login:failed query:skipped");
  CHECK(answer.steps[3].hint.find("SET PASSWORD") != std::string::npos);
  server.Psql("drop role tested");
}

TEST_CASE("each step that can fail") {
  World world;
  auto& server = TempPostgres::Shared();
  const std::string password = "'" + server.password() + "'";
  const std::string place = "jdbc:redshift://127.0.0.1:" + std::to_string(server.port());
  struct Case {
    std::string url, password, statuses, sqlstate, hint;
  };
  const Case cases[] = {
      {"jdbc:redshift://nowhere.invalid/dev", password,
       "resolve:failed tcp:skipped tls:skipped login:skipped query:skipped", "08001", "slip"},
      {"jdbc:redshift://127.0.0.1:1/dev", password, "resolve:ok tcp:failed tls:skipped login:skipped query:skipped",
       "08001", "port"},
      {place + "/dev", password, "resolve:ok tcp:ok tls:failed login:skipped query:skipped", "08001", "?ssl=false"},
      {place + "/dev?sslrootcert=/no/such/file", password, "resolve:ok tcp:ok tls:failed login:skipped query:skipped",
       "08001", "sslrootcert"},
      {place + "/absent?ssl=false", password, "resolve:ok tcp:ok tls:skipped login:failed query:skipped", "3D000",
       "database name"},
      {place + "/dev?ssl=false", "'wrong'", "resolve:ok tcp:ok tls:skipped login:failed query:skipped", "28P01",
       "ALTER REDSHIFT CONNECTION"},
      {place + "/dev?ssl=false", "ENV 'BERTH_TEST_IS_NOT_SET'",
       "resolve:ok tcp:ok tls:skipped login:failed query:skipped", "28000", ""},
  };
  int count = 0;
  for (const Case& item : cases) {
    CAPTURE(item.url);
    const std::string name = "c" + std::to_string(++count);
    world.Connection(name, item.url, item.password);
    const Answer answer = world.Test(name);
    REQUIRE(answer.error.has_value());
    CHECK(answer.error->Sqlstate() == item.sqlstate);
    CHECK(Statuses(answer) == item.statuses);
    for (const auto& step : answer.steps) {
      if (step.status != "failed") continue;
      CHECK(step.detail.find(answer.error->message) == 0);
      CHECK(step.hint == answer.error->hint);
      CHECK(step.hint.find(item.hint) != std::string::npos);
    }
  }
}

TEST_CASE("through TLS: whose certificate it is, and what to do when it is refused") {
  World world;
  test::TlsPostgres tls;
  const std::string place = "jdbc:redshift://localhost:" + std::to_string(tls.port()) + "/dev";
  const std::string rooted = place + "?sslrootcert=" + tls.roots();
  const std::string password = "'" + tls.server().password() + "'";
  world.Connection("c", rooted, password);
  world.Connection("unknown", place, password);
  tls.Use("good");
  Answer answer = world.Test("c");
  CHECK(!answer.error);
  CHECK(Statuses(answer) == "resolve:ok tcp:ok tls:ok login:ok query:ok");
  CHECK(answer.steps[2].detail.starts_with("TLSv1."));
  CHECK(answer.steps[2].detail.find("sslmode=verify-full, roots in " + tls.roots()) != std::string::npos);
  CHECK(answer.steps[2].detail.find("issued by CN = berth-test-authority, expires ") != std::string::npos);
  CHECK(answer.steps[3].detail.find("by TLS") != std::string::npos);

  answer = world.Test("unknown");  // the system's certificates do not know this authority
  CHECK(Statuses(answer) == "resolve:ok tcp:ok tls:failed login:skipped query:skipped");
  CHECK(answer.steps[2].hint.find("/etc/ssl/certs/ca-certificates.crt") != std::string::npos);

  tls.Use("old");
  answer = world.Test("c");
  REQUIRE(answer.error.has_value());
  CHECK(Statuses(answer) == "resolve:ok tcp:ok tls:failed login:skipped query:skipped");
  CHECK(answer.steps[2].detail.find("expired") != std::string::npos);
  CHECK(answer.steps[2].hint.find("must be renewed") != std::string::npos);
}

TEST_CASE("a cancel ends it at the step that waits") {
  World world;
  std::atomic<bool> asked{false};
  test::FakeServer silent([&](test::FakePeer& peer, int) {
    peer.TlsWish();
    asked = true;
    peer.AwaitHangUp();
  });
  world.Connection("c", "jdbc:redshift://127.0.0.1:" + std::to_string(silent.port()) + "/dev", "'p'");
  auto answer = std::async(std::launch::async, [&] { return world.Test("c"); });
  while (!asked) std::this_thread::yield();
  world.conversation().Cancel();
  const Answer ended = answer.get();
  REQUIRE(ended.error.has_value());
  CHECK(ended.error->code == ErrorCode::kCancelled);
  CHECK(Statuses(ended) == "resolve:ok tcp:ok tls:failed login:skipped query:skipped");
}

TEST_CASE("the cap holds while others have its sessions") {
  World world;
  auto& server = TempPostgres::Shared();
  world.Connection("c", server.JdbcUrl(), "'" + server.password() + "'", "MAX_CONCURRENT_CONNECTIONS = 1");
  world.Run("USE c");
  world.Run("BEGIN");
  const Answer answer = world.Test("c");
  REQUIRE(answer.error.has_value());
  CHECK(answer.steps.empty());
  CHECK(answer.error->Sqlstate() == "53300");
  CHECK(world.conversation().state().transaction == TransactionState::kWarehouse);
}

}  // namespace
}  // namespace berth
