#include <sys/stat.h>

#include <filesystem>
#include <sstream>

#include <doctest/doctest.h>

#include "warehouse.h"

using berth::test::CreateConnection;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::Ran;
using berth::test::Run;
using berth::test::TempPostgres;

TEST_CASE("doctor: all is well, and a line for each thing that was looked at") {
  const HomeWithConnection home;
  const Ran ran = Run(home, {"doctor"});
  CAPTURE(ran.output);
  CHECK(ran.status == 0);
  for (const auto* what :
       {"ok    catalog", "ok    key file", "ok    slots", "ok    root certificates", "ok    connection etl"}) {
    CHECK(ran.output.find(what) != std::string::npos);
  }
  CHECK(ran.output.find("MEND") == std::string::npos);
}

TEST_CASE("doctor says what to mend: files that others can read, logins that fail") {
  const HomeWithConnection home;
  CHECK(Run(home, {"-f", "-"}, CreateConnection("wrong", "not-the-password")).status == 0);
  REQUIRE(::chmod((home / "data/berth/catalog.db").c_str(), 0644) == 0);
  REQUIRE(::chmod((home / "data/berth/catalog.db.key").c_str(), 0644) == 0);
  const Ran ran = Run(home, {"doctor", "--timeout", "20s"});
  CAPTURE(ran.output);
  CHECK(ran.status == 1);
  CHECK(ran.output.find("MEND  catalog") != std::string::npos);
  CHECK(ran.output.find("chmod") != std::string::npos);
  CHECK(ran.output.find("MEND  key file") != std::string::npos);
  CHECK(ran.output.find("MEND  connection wrong") != std::string::npos);
  CHECK(ran.output.find("not-the-password") == std::string::npos);
}

TEST_CASE("doctor: a folder that others can write to, and a key file that is gone") {
  const HomeWithConnection home;
  CHECK(Run(home, {"doctor"}).output.find("ok    folder") != std::string::npos);
  REQUIRE(::chmod((home / "data/berth").c_str(), 0777) == 0);
  std::filesystem::rename(home / "data/berth/catalog.db.key", home / "key");
  const Ran ran = Run(home, {"doctor", "--timeout", "20s"});
  CAPTURE(ran.output);
  CHECK(ran.status == 1);
  CHECK(ran.output.find("MEND  folder") != std::string::npos);
  CHECK(ran.output.find("chmod o-w") != std::string::npos);
  CHECK(ran.output.find("MEND  key file") != std::string::npos);
  CHECK(ran.output.find("1 password(s) are sealed with it") != std::string::npos);
  CHECK(ran.output.find("MEND  connection etl") != std::string::npos);
}

TEST_CASE("doctor: a catalog that cannot be opened is 3, wrong usage 2, and help fits a screen") {
  const Home home;
  CHECK(Run(home, {"doctor", "--catalog", "sqlite:/proc/nothing/c.db"}).status == 3);
  CHECK(Run(home, {"doctor", "--nonsense"}).status == 2);
  CHECK(Run(home, {"doctor", "--timeout", "soon"}).status == 2);
  const Ran help = Run(home, {"doctor", "--help"});
  CHECK(help.status == 0);
  std::istringstream lines(help.output);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(line.size() <= 80);
  CHECK(count <= 24);
}
