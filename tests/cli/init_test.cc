#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <doctest/doctest.h>

#include "child.h"

using berth::test::Home;
using berth::test::Ran;
using berth::test::Run;

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
