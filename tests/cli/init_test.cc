#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <doctest/doctest.h>

#include "child.h"
#include "support/places.h"
#include "support/temp_postgres.h"
#include "warehouse.h"

using berth::test::Child;
using berth::test::Home;
using berth::test::Ran;
using berth::test::Run;
using berth::test::TempPostgres;
using berth::test::Until;

namespace {

// A group that this process may give files to.
std::string OwnGroup() {
  const group* const own = ::getgrgid(::getegid());
  REQUIRE(own != nullptr);
  return own->gr_name;
}

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE_MESSAGE(::stat(path.c_str(), &facts) == 0, path);
  return facts.st_mode & 07777U;
}

bool Has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("berth init makes the user's own catalog, and an empty SHOW CONNECTIONS says which it is") {
  const Home home;
  const Ran made = Run(home, {"init"});
  CHECK(made.status == 0);
  CHECK(made.output == "catalog sqlite:" + home / "data/berth/catalog.db" + "\n");
  CHECK(ModeOf(home / "data/berth/catalog.db") == 0600);
  CHECK(ModeOf(home / "data/berth/catalog.db.key") == 0600);
  const Ran empty = Run(home, {"-c", "SHOW CONNECTIONS"});
  CHECK(empty.status == 0);
  CHECK_MESSAGE(Has(empty.error, "the catalog sqlite:" + home / "data/berth/catalog.db" + " has no connections"),
                empty.error);
}

TEST_CASE("berth init --system makes a catalog for a group, which is preferred from then on") {
  const Home home;
  const Ran made = Run(home, {"init", "--system", "--group", OwnGroup()});
  CHECK_MESSAGE(made.status == 0, made.error);
  CHECK(Has(made.output, "can read every password"));
  const auto folder = home / "system";
  CHECK(ModeOf(folder) == 02770);
  CHECK(ModeOf(folder + "/catalog.db") == 0660);
  CHECK(ModeOf(folder + "/catalog.db.key") == 0640);
  const Ran used = Run(home, {"-c", "SHOW CONNECTIONS"});
  CHECK_MESSAGE(Has(used.error, "the catalog sqlite:" + folder + "/catalog.db has no connections"), used.error);
  // A literal password is sealed with the key that is there; nothing gets narrower or wider by use, or by init again.
  const Ran created = Run(home, {"-f", "-"},
                          "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' "
                          "PASSWORD = 'pw-1';");
  CHECK_MESSAGE(created.status == 0, created.error);
  CHECK(Run(home, {"init", "--system", "--group", OwnGroup()}).status == 0);
  CHECK(ModeOf(folder + "/catalog.db") == 0660);
  CHECK(ModeOf(folder + "/catalog.db.key") == 0640);
  CHECK(Has(Run(home, {"-c", "SHOW CONNECTIONS"}).output, "jdbc:redshift://h/d"));
  // --catalog still has the first word.
  CHECK(Has(Run(home, {"--catalog", "sqlite:" + home / "own.db", "-c", "SHOW CONNECTIONS"}).error, "own.db"));
}

namespace {

// Users of Debian's that every machine has; nothing is theirs but what this test makes. Both are in the group by
// setpriv's word.
constexpr const char* kGroup = "nogroup";
constexpr unsigned kDaemon = 1;
constexpr unsigned kBin = 2;

std::vector<std::string> As(unsigned user) {
  return {"/usr/bin/setpriv", "--reuid=" + std::to_string(user), "--regid=" + std::to_string(user),
          std::string("--groups=") + kGroup, "--inh-caps=-all"};
}

Ran RunAs(unsigned user, const Home& home, std::vector<std::string> arguments) {
  Child child(home, {.arguments = std::move(arguments), .wrapper = As(user)});
  child.CloseInput();
  const int status = child.Wait();
  return {.status = status, .output = child.output(), .error = child.error()};
}

// He reaches the program and the folder.
bool MayRun(unsigned user, const Home& home) {
  std::string command;
  for (const auto& word : As(user)) command += word + " ";
  command += "/bin/sh -c 'cd " + home.path().string() + " && exec " + berth::test::Program().string() + " --version'";
  return ::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

TEST_CASE("two users of a system's catalog share its connections, its key and its slots, and nobody else does") {
  const Home home;
  REQUIRE(::chmod(home.path().c_str(), 0711) == 0);
  if (::geteuid() != 0 || !MayRun(kDaemon, home)) {
    MESSAGE("not tried: it takes root, and a program and a folder that other users can reach");
    return;
  }
  REQUIRE(::mkdir((home / "state").c_str(), 0777) == 0);
  REQUIRE(::chmod((home / "state").c_str(), 0777) == 0);
  const Ran made = Run(home, {"init", "--system", "--group", kGroup});
  REQUIRE_MESSAGE(made.status == 0, made.error);

  const auto& server = TempPostgres::Shared();
  const Ran created = RunAs(kDaemon, home, {"-c", berth::test::CreateConnection("etl", server.password())});
  CHECK_MESSAGE(created.status == 0, created.error);
  CHECK(RunAs(kBin, home, {"-c", "alter redshift connection etl set max_concurrent_connections = 1"}).status == 0);
  const Ran asked = RunAs(kBin, home, {"-C", "etl", "-o", "plain", "-c", "select 1"});
  CHECK_MESSAGE(asked.status == 0, asked.error);
  CHECK(Has(asked.output, "1"));

  // One holds the only slot: the other waits, is told who it is, and has it when it is free.
  Child holder(home, {.arguments = {"exec", "-C", "etl", "--", "cat"}, .wrapper = As(kDaemon)});
  holder.Type("here\n");
  holder.AwaitOutput("here\n");
  const Ran none = RunAs(kBin, home, {"exec", "-C", "etl", "--wait", "300ms", "--", "true"});
  CHECK(none.status == 4);
  CHECK_MESSAGE(Has(none.error, "user daemon"), none.error);
  const Ran slots = RunAs(kBin, home, {"-c", "show slots of connection etl"});
  CHECK_MESSAGE(Has(slots.output, "daemon"), slots.output);
  holder.CloseInput();
  CHECK(holder.Wait() == 0);
  Until([&] { return RunAs(kBin, home, {"exec", "-C", "etl", "--wait", "0", "--", "true"}).status == 0; });
  // Who is not in the group reads nothing.
  Child stranger(home,
                 {.arguments = {"-c", "show connections"},
                  .wrapper = {"/usr/bin/setpriv", "--reuid=3", "--regid=3", "--clear-groups", "--inh-caps=-all"}});
  CHECK(stranger.Wait() != 0);
  CHECK(!Has(stranger.output(), "etl"));
}

TEST_CASE("berth init says what it will not do") {
  const Home home;
  CHECK(Run(home, {"init", "--group", "x"}).status == 2);
  CHECK(Run(home, {"init", "--system", "--catalog", "sqlite:x"}).status == 2);
  CHECK(Run(home, {"init", "--sistem"}).status == 2);
  const Ran none = Run(home, {"init", "--system", "--group", "no-such-group-here"});
  CHECK(none.status == 3);
  CHECK(Has(none.error, "there is no unix group no-such-group-here"));
  CHECK(Run(home, {"init", "--help"}).status == 0);
}
