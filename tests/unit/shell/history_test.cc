#include "shell/history.h"

#include <sys/stat.h>

#include <fstream>

#include <doctest/doctest.h>

#include "support/temp_dir.h"

using berth::shell::History;
using Entries = std::vector<std::string>;

TEST_CASE("Whole statements come back as they were, from a file that only its owner reads") {
  const berth::test::TempDir folder;
  const History history(folder / "history");
  CHECK(history.Load().value().empty());
  CHECK(history.Append("select 1;\n").value());
  CHECK(history.Append("select 'a\\n',\n  2;").value());
  CHECK_FALSE(history.Append(" \n").value());
  CHECK(History(folder / "history").Load().value() == Entries{"select 1;", "select 'a\\n',\n  2;"});
  struct stat facts{};
  REQUIRE(::stat((folder / "history").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("A statement that held a secret is not kept") {
  const berth::test::TempDir folder;
  const History history(folder / "history");
  CHECK_FALSE(history.Append("ALTER USER u PASSWORD 'hunter2';").value());
  CHECK_FALSE(history.Append("CREATE REDSHIFT CONNECTION c PASSWRD = 'hunter2").value());
  CHECK(history.Load().value().empty());
}

TEST_CASE("A mode that is too open is put right") {
  const berth::test::TempDir folder;
  std::ofstream(folder / "history") << "old\n";
  ::chmod((folder / "history").c_str(), 0644);
  CHECK(History(folder / "history").Append("new").value());
  struct stat facts{};
  REQUIRE(::stat((folder / "history").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("A long history is cut down to its newest entries") {
  const berth::test::TempDir folder;
  {
    std::ofstream file(folder / "history");
    for (std::size_t i = 0; i < 2 * History::kEntriesMax + 1; ++i) file << "select " << i << ";\n";
  }
  const History history(folder / "history");
  for (int round = 0; round < 2; ++round) {
    const auto entries = history.Load().value();
    CHECK(entries.size() == History::kEntriesMax);
    CHECK(entries.back() == "select 20000;");
  }
  std::ifstream file(folder / "history");
  std::string first;
  std::getline(file, first);
  CHECK(first == "select 10001;");
}

TEST_CASE("A file that cannot be written is an error that names it") {
  const History history("/nowhere/at/all");
  const auto kept = history.Append("select 1");
  REQUIRE_FALSE(kept.ok());
  CHECK(kept.error().message.find("/nowhere/at/all") != std::string::npos);
}
