#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "berth/deadline.h"
#include "child.h"
#include "warehouse.h"

// kill -9 of ALTER REDSHIFT CONNECTION .. ROTATE PASSWORD at each of its steps, and at random moments: some stored
// password still logs in, and the rotation can be done again.
namespace berth {
namespace {

using test::Child;
using test::Run;
using test::TempPostgres;

constexpr int kRandomKills = 12;
constexpr const char* kRotate = "ALTER REDSHIFT CONNECTION c ROTATE PASSWORD";

std::string Ask(const std::string& sql) {
  return TempPostgres::Shared().Psql(sql);
}

// A catalog whose connection c logs in as a user of its own.
struct RotationHome : test::HomeWithConnection {
  RotationHome() {
    static int count = 0;
    role = fmt::format("rotated_{}", ++count);
    Ask(fmt::format("CREATE ROLE {} LOGIN PASSWORD 'kill-first-1'", role));
    const auto ran = Run(*this, {"-f", "-"},
                         fmt::format("CREATE REDSHIFT CONNECTION c CONNECTION_STRING = '{}' USER_NAME = '{}' "
                                     "PASSWORD = 'kill-first-1' MAX_CONCURRENT_CONNECTIONS = 1;",
                                     TempPostgres::Shared().JdbcUrl(), role));
    REQUIRE_MESSAGE(ran.status == 0, ran.error);
  }
  std::string Stored() const {
    return Ask(fmt::format("SELECT rolpassword FROM pg_authid WHERE rolname = '{}'", role));
  }
  bool LoggedIn() const {
    return Ask(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", role)) != "0\n";
  }
  bool Altering() const {
    return Ask(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}' AND query LIKE '%ALTER USER%' "
                           "AND state = 'active'",
                           role)) != "0\n";
  }
  std::string role;
};

std::unique_ptr<Child> Start(const test::Home& home) {
  auto child = std::make_unique<Child>(home, Child::Options{.arguments = {"-c", kRotate}, .more_environment = {}});
  child->CloseInput();
  return child;
}

// A program that keeps a lock until its input ends.
class Holder {
 public:
  Holder(const test::Home& home, const std::string& statements)
      : child_(home, {.arguments = {"-o", "plain", "-f", "-"}, .more_environment = {}}) {
    child_.Type(statements);
    child_.AwaitOutput("held");
  }
  void Release() {
    child_.CloseInput();
    child_.Wait();
  }

 private:
  Child child_;
};
constexpr const char* kHoldCatalog = "BEGIN;\nCREATE SECRET held AS PROMPT;\nSHOW SECRETS;\n";
constexpr const char* kHoldUsers =
    "USE CONNECTION etl;\nBEGIN;\nLOCK TABLE pg_authid IN EXCLUSIVE MODE;\nSELECT 'held';\n";

void CheckAfterwards(const RotationHome& home) {
  const auto tested = Run(home, {"-c", "TEST CONNECTION c"});
  CHECK_MESSAGE(tested.status == 0, tested.output, tested.error);
  const auto before = home.Stored();
  const auto again = Run(home, {"-c", kRotate});
  CHECK_MESSAGE(again.status == 0, again.error);
  CHECK(home.Stored() != before);
  CHECK(Run(home, {"-c", "TEST CONNECTION c"}).status == 0);
  const auto next = Run(home, {"-o", "plain", "-c",
                               "SELECT password_kind || coalesce(password_next_kind, '-') FROM "
                               "system.information_schema.connections WHERE name = 'c'"});
  CHECK(next.output == "literal-\n");
  CHECK(Run(home, {"check"}).status == 0);
}

TEST_CASE("killed before the new password is stored") {
  const RotationHome home;
  const auto before = home.Stored();
  Holder catalog(home, kHoldCatalog);
  const auto child = Start(home);
  test::Until([&] { return home.LoggedIn(); });
  child->Signal(SIGKILL);
  CHECK(child->Wait() == 128 + SIGKILL);
  catalog.Release();
  CHECK(home.Stored() == before);
  CheckAfterwards(home);
}

TEST_CASE("killed while the server is told") {
  const RotationHome home;
  Holder users(home, kHoldUsers);
  const auto child = Start(home);
  test::Until([&] { return home.Altering(); });
  child->Signal(SIGKILL);
  CHECK(child->Wait() == 128 + SIGKILL);
  users.Release();  // the server may still do it, or find nobody there
  test::Until([&] { return !home.Altering(); });
  CheckAfterwards(home);
}

TEST_CASE("killed when the server has the new password and the catalog does not know it") {
  const RotationHome home;
  const auto before = home.Stored();
  Holder users(home, kHoldUsers);
  const auto child = Start(home);
  test::Until([&] { return home.Altering(); });
  Holder catalog(home, kHoldCatalog);
  users.Release();
  test::Until([&] { return home.Stored() != before; });
  child->Signal(SIGKILL);
  CHECK(child->Wait() == 128 + SIGKILL);
  catalog.Release();
  CHECK(home.Stored() != before);
  CheckAfterwards(home);
}

TEST_CASE("another one is refused while it runs, and not after it was killed") {
  const RotationHome home;
  Holder users(home, kHoldUsers);
  const auto child = Start(home);
  test::Until([&] { return home.Altering(); });
  const auto second = Run(home, {"-c", kRotate});
  CHECK(second.status == 1);
  CHECK_MESSAGE(second.error.find("is being rotated by process " + std::to_string(child->pid())) != std::string::npos,
                second.error);
  child->Signal(SIGKILL);
  child->Wait();
  users.Release();
  test::Until([&] { return !home.Altering(); });
  CheckAfterwards(home);
}

// In a container whose first process asks for no orphan's end, a killed process is in the table for good.
TEST_CASE("a killed one whose end nobody has asked for is gone all the same") {
  const RotationHome home;
  Holder users(home, kHoldUsers);
  const auto child = Start(home);
  test::Until([&] { return home.Altering(); });
  child->Signal(SIGKILL);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child->pid()), &ended, WEXITED | WNOWAIT) == 0);
  users.Release();
  test::Until([&] { return !home.Altering(); });
  CheckAfterwards(home);
  CHECK(child->Wait() == 128 + SIGKILL);
}

// Lets real time pass: what is killed is another process, at a moment that no clock of ours turns.
void Pass(std::chrono::microseconds time) {
  const Clock& clock = Clock::System();
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto until = clock.Now() + time;
  while (clock.Now() < until) clock.WaitUntil(never, lock, until);
}

TEST_CASE("killed at random moments") {
  const RotationHome home;
  const auto began = Clock::System().Now();
  REQUIRE(Run(home, {"-c", kRotate}).status == 0);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::System().Now() - began);
  std::mt19937 random(20261122);
  std::uniform_int_distribution<long> moment(0, took.count());
  int killed = 0;
  for (int i = 0; i < kRandomKills; ++i) {
    CAPTURE(i);
    const auto child = Start(home);
    Pass(std::chrono::microseconds(moment(random)));
    child->Signal(SIGKILL);
    if (child->Wait() == 128 + SIGKILL) ++killed;
    const auto tested = Run(home, {"-c", "TEST CONNECTION c"});
    CHECK_MESSAGE(tested.status == 0, tested.output, tested.error);
  }
  CheckAfterwards(home);
  MESSAGE(killed, " of ", kRandomKills, " killed in mid-run");
  CHECK(killed > 0);
}

}  // namespace
}  // namespace berth
