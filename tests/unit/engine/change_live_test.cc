#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "base/log.h"
#include "base/strings.h"
#include "berth/engine.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

// Two engines on one catalog stand for two processes: their slots are locks of open file descriptions, which differ
// even within a process.
namespace berth {
namespace {

using std::chrono::milliseconds;
using test::TempPostgres;

constexpr milliseconds kWithin{1'000};        // what is promised
constexpr milliseconds kPatience{4 * 1'000};  // what the tests wait for it

struct Process {
  explicit Process(const test::TempDir& folder) {
    auto opened = Engine::Open({.catalog_uri = "sqlite:" + (folder / "catalog.db"), .program = "test"});
    REQUIRE(opened.ok());
    engine = std::move(opened).value();
    conversation = engine->NewConversation();
  }
  // The rows, fields by bars and rows by line ends, or the SQLSTATE and message of the error.
  std::string Say(const std::string& sql, milliseconds wait = milliseconds(20'000)) {
    return SayOn(*conversation, sql, wait);
  }
  static std::string SayOn(Conversation& on, const std::string& sql, milliseconds wait = milliseconds(20'000)) {
    auto outcome = on.Execute(sql, {}, Deadline::After(Clock::System(), wait));
    if (!outcome.ok()) return std::string(outcome.error().Sqlstate()) + " " + outcome.error().message;
    std::string text;
    while (true) {
      const auto row = outcome.value()->Next();
      if (!row.ok()) return std::string(row.error().Sqlstate()) + " " + row.error().message;
      if (!row.value()) return text;
      if (!text.empty()) text += "\n";
      for (const auto& field : *row.value())
        text += (&field == &row.value()->front() ? "" : "|") + std::string(field.value_or("NULL"));
    }
  }
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Conversation> conversation;
};

// Asks until the answer is the wanted one, at most for kPatience; the last answer.
template <class Ask>
std::string Until(const std::string& wanted, Ask ask) {
  const auto deadline = Deadline::After(Clock::System(), kPatience);
  std::mutex mutex;
  std::condition_variable never;
  while (true) {
    const auto answer = ask();
    if (answer == wanted || deadline.Passed(Clock::System())) return answer;
    std::unique_lock<std::mutex> lock(mutex);
    Clock::System().WaitUntil(never, lock, Deadline::After(Clock::System(), milliseconds(10)).time());
  }
}

struct World {
  TempPostgres& server = TempPostgres::Shared();
  test::TempDir folder;
  Process a{folder}, b{folder};

  World() {
    server.Psql("DROP ROLE IF EXISTS etl");
    server.Psql("CREATE ROLE etl LOGIN PASSWORD 'pg-secret-1'");
    CHECK(a.Say("CREATE REDSHIFT CONNECTION c CONNECTION_STRING = '" + server.JdbcUrl() +
                "' USER_NAME = 'etl' PASSWORD = 'pg-secret-1' MAX_CONCURRENT_CONNECTIONS = 3") == "");
    CHECK(a.Say("USE CONNECTION c") == "");
    CHECK(b.Say("USE CONNECTION c") == "");
  }
  std::string Sessions() const {
    const auto count =
        server.Psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'etl' AND backend_type = 'client backend'");
    return std::string(base::Trim(count));
  }
};

// What is logged meanwhile.
struct Logged {
  Logged() {
    log::SetSink([this](log::Level, std::string_view line) {
      const std::lock_guard lock(mutex);
      text += line;
      text += '\n';
    });
  }
  ~Logged() { log::SetSink(nullptr); }
  bool Has(std::string_view part) {
    const std::lock_guard lock(mutex);
    return text.find(part) != std::string::npos;
  }
  std::mutex mutex;
  std::string text;
};

constexpr const char* kCap = "SELECT max_concurrent_connections, state FROM system.information_schema.pools";

}  // namespace

TEST_CASE("a process that sits idle hears of a cap and of a pause within a second") {
  World world;
  CHECK(world.a.Say("SELECT 1") == "1");
  CHECK(world.a.Say(kCap) == "3|open");
  const auto began = Clock::System().Now();
  CHECK(world.b.Say("ALTER REDSHIFT CONNECTION c SET MAX_CONCURRENT_CONNECTIONS = 2") == "");
  CHECK(Until("2|open", [&] { return world.a.Say(kCap); }) == "2|open");
  MESSAGE("heard after ", std::chrono::duration_cast<milliseconds>(Clock::System().Now() - began).count(),
          " ms; promised are ", kWithin.count());
  // PAUSE returns once the other process's quiet conversation has given its session back, and closed it.
  CHECK(world.b.Say("PAUSE CONNECTION c REFUSE COMMENT 'vacuum'") == "");
  CHECK(Until("2|paused", [&] { return world.a.Say(kCap); }) == "2|paused");
  CHECK(Until("0", [&] { return world.Sessions(); }) == "0");
  const auto refused = world.a.Say("SELECT 2");
  CHECK_MESSAGE((refused.starts_with("55000 ") && refused.find("vacuum") != std::string::npos), refused);
  CHECK(world.b.Say("RESUME CONNECTION c") == "");
  CHECK(Until("3", [&] { return world.a.Say("SELECT 3"); }) == "3");
}

TEST_CASE("PAUSE waits for what runs in another process, and RESUME wakes who waits") {
  World world;
  auto running = std::async(std::launch::async, [&] { return world.a.Say("SELECT 7 FROM pg_sleep(3)"); });
  CHECK(Until("busy", [&] { return world.b.Say("SELECT state FROM system.information_schema.slots"); }) == "busy");
  const auto impatient = world.b.Say("PAUSE CONNECTION c", milliseconds(100));
  CHECK(impatient == "57014 connection c is paused, but 1 of its sessions is still in use");
  CHECK(world.b.Say("PAUSE CONNECTION c") == "");
  CHECK(running.wait_for(milliseconds(0)) == std::future_status::ready);
  CHECK(running.get() == "7");  // what ran was not killed
  auto waiting = std::async(std::launch::async, [&] { return world.a.Say("SELECT 8"); });
  CHECK(Until("1", [&] {
          return world.b.Say("SELECT count(*) FROM system.information_schema.connections WHERE state = 'paused'");
        }) == "1");
  CHECK(world.b.Say("RESUME CONNECTION c") == "");
  CHECK(waiting.get() == "8");
}

TEST_CASE("another password, in force for a process that holds an idle session, and RESUME after refused ones") {
  World world;
  CHECK(world.a.Say("SELECT 1") == "1");
  world.server.Psql("ALTER ROLE etl PASSWORD 'other-1'");
  CHECK(world.b.Say("ALTER REDSHIFT CONNECTION c SET PASSWORD = 'other-1'") == "");
  CHECK(world.a.Say("SELECT 2") == "2");
  CHECK(world.b.Say("SELECT 3") == "3");
  // Three refused logins suspend it for all; RESUME lets all begin anew, with the same password.
  world.server.Psql("ALTER ROLE etl PASSWORD 'other-2'");
  CHECK(world.b.Say(
            "ALTER REDSHIFT CONNECTION c SET CONNECT_TIMEOUT = '9s' SET USER_NAME = 'etl' SET PASSWORD = 'other-1'") ==
        "");
  std::string last;
  for (int i = 0; i < 4; ++i) last = world.b.Say("SELECT 4");
  CHECK_MESSAGE(last.find("is suspended: 3 refused logins") != std::string::npos, last);
  world.server.Psql("ALTER ROLE etl PASSWORD 'other-1'");
  CHECK(world.a.Say("SELECT 5").find("suspended") != std::string::npos);
  CHECK(world.b.Say("SELECT state FROM system.information_schema.connections") == "suspended");
  CHECK(world.a.Say("RESUME CONNECTION c") == "");
  CHECK(world.a.Say("SELECT 6") == "6");
  CHECK(Until("7", [&] { return world.b.Say("SELECT 7"); }) == "7");
}

TEST_CASE("DROP in one process ends the sessions of another") {
  World world;
  CHECK(world.a.Say("SELECT 1") == "1");
  CHECK(world.b.Say("SELECT 1") == "1");
  CHECK(world.b.Say("DROP CONNECTION c") == "");
  CHECK(Until("0", [&] { return world.Sessions(); }) == "0");
  CHECK(world.a.Say("SELECT 2").starts_with("42704 "));
}

TEST_CASE("DROP in one process lets the transaction of another end") {
  World world;
  world.server.Psql(
      "CREATE TABLE IF NOT EXISTS public.kept (a int); GRANT ALL ON public.kept TO etl; TRUNCATE public.kept");
  CHECK(world.a.Say("BEGIN") == "");
  CHECK(world.a.Say("INSERT INTO public.kept VALUES (1)") == "");
  CHECK(world.b.Say("DROP CONNECTION c") == "");
  CHECK(world.a.Say("INSERT INTO public.kept VALUES (2)") == "");
  CHECK(world.a.Say("COMMIT") == "");
  CHECK(base::Trim(world.server.Psql("SELECT count(*) FROM public.kept")) == "2");
  world.server.Psql("DROP TABLE public.kept");
  CHECK(world.a.Say("SELECT 1").starts_with("42704 "));
  CHECK(Until("0", [&] { return world.Sessions(); }) == "0");
}

TEST_CASE("a conversation at rest gives its session to another process that waits") {
  World world;
  CHECK(world.a.Say("ALTER REDSHIFT CONNECTION c SET MAX_CONCURRENT_CONNECTIONS = 1") == "");
  CHECK(world.a.Say("SELECT 1") == "1");
  CHECK(world.b.Say("SELECT 2") == "2");
  CHECK(world.a.Say("SELECT 3") == "3");
  // Not while something in it could be missed.
  CHECK(world.a.Say("BEGIN") == "");
  CHECK(world.b.Say("SELECT 4", milliseconds(4'000)).starts_with("53300 "));
}

TEST_CASE("a session that is not given back is told of with its statement") {
  World world;
  Logged logged;
  CHECK(world.a.Say("ALTER REDSHIFT CONNECTION c SET LEAK_WARNING_AFTER = '1s'") == "");
  auto running = std::async(std::launch::async, [&] { return world.a.Say("SELECT 5 FROM pg_sleep(3)"); });
  const auto told = [&] {
    return logged.Has("is not given back") && logged.Has("(SELECT 5 FROM pg_sleep(3)") ? "told" : "";
  };
  CHECK(Until("told", told) == "told");
  CHECK(running.get() == "5");
}

TEST_CASE("SHOW SESSIONS tells ours from strangers") {
  World world;
  CHECK(world.a.Say("SELECT 1") == "1");
  std::vector<std::string> notices;
  world.b.conversation->SetNoticeSink(
      [&](const Notice& notice) { notices.push_back(notice.message + "\n" + notice.hint); });
  const auto listed = world.b.Say("SHOW SESSIONS OF CONNECTION c");
  CHECK_MESSAGE(listed.find("|berth|c|") != std::string::npos, listed);
  REQUIRE_FALSE(notices.empty());
  CHECK_MESSAGE(notices.back().find("ALTER USER etl CONNECTION LIMIT 3;") != std::string::npos, notices.back());
  // A cap that the server cannot give is told.
  world.server.Psql("ALTER ROLE etl CONNECTION LIMIT 2");
  world.b.Say("SHOW SESSIONS OF CONNECTION c");
  world.server.Psql("ALTER ROLE etl CONNECTION LIMIT -1");
  CHECK_MESSAGE(notices.back().starts_with("Berth may open 3 sessions of user etl, the server allows 2:"),
                notices.back());
  CHECK_MESSAGE(notices.back().find("or lower MAX_CONCURRENT_CONNECTIONS to 2.") != std::string::npos, notices.back());
}

TEST_CASE("the server has no room for the user: what his other connections hold is Berth's") {
  World world;
  world.server.Psql("ALTER ROLE etl CONNECTION LIMIT 2");
  CHECK(world.a.Say("CREATE REDSHIFT CONNECTION other CONNECTION_STRING = '" + world.server.JdbcUrl() +
                    "' USER_NAME = 'etl' PASSWORD = 'pg-secret-1'") == "");
  CHECK(world.a.Say("USE CONNECTION other") == "");
  CHECK(world.a.Say("BEGIN") == "");
  CHECK(world.b.Say("BEGIN") == "");
  const auto third = world.b.engine->NewConversation();
  CHECK(Process::SayOn(*third, "USE CONNECTION c") == "");
  const auto refused = Process::SayOn(*third, "SELECT 1", milliseconds(1'500));
  world.server.Psql("ALTER ROLE etl CONNECTION LIMIT -1");
  CHECK_MESSAGE(refused.starts_with("53300 "), refused);
  CHECK_MESSAGE(refused.find("while Berth holds 1 of 3 (") != std::string::npos, refused);
}

TEST_CASE("a group's cap, altered under load, counts for the next session") {
  World world;
  CHECK(world.a.Say("CREATE CONNECTION GROUP wh MAX_CONCURRENT_CONNECTIONS = 1") == "");
  CHECK(world.a.Say("ALTER REDSHIFT CONNECTION c SET GROUP = wh") == "");
  CHECK(world.a.Say("SELECT 1") == "1");
  const auto refused = world.b.Say("SELECT 2", milliseconds(300));
  CHECK_MESSAGE(refused.starts_with("53300 "), refused);
  CHECK(world.a.Say("ALTER CONNECTION GROUP wh SET MAX_CONCURRENT_CONNECTIONS = 2") == "");
  CHECK(Until("3", [&] { return world.b.Say("SELECT 3"); }) == "3");
  CHECK(world.Sessions() == "2");
}

}  // namespace berth
