#include "migrations/folder.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "migrations/new_file.h"
#include "support/temp_dir.h"

namespace berth::migrations {
namespace {

std::string Refusal(std::string_view script) {
  const auto file = ParseFileName(script);
  return file.ok() ? "" : file.error().message;
}

void Write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST_CASE("Version: numbers with dots or underscores, compared as numbers") {
  const auto text = [](std::string_view written) {
    const auto version = Version::Parse(written);
    return version ? version->Text() : "none";
  };
  CHECK(text("0003") == "3");
  CHECK(text("1.02") == "1.2");
  CHECK(text("1_2") == "1.2");
  CHECK(text("1.0") == "1");
  CHECK(text("20261122130000") == "20261122130000");
  for (const char* const wrong : {"", ".", "1.", "x", "1a", "1..2", "1234567890123456789"})
    CHECK(text(wrong) == "none");
  CHECK(*Version::Parse("2") < *Version::Parse("10"));
  CHECK(*Version::Parse("1") < *Version::Parse("1.1"));
  CHECK(*Version::Parse("1.9") < *Version::Parse("1.10"));
  CHECK(*Version::Parse("1.0") == *Version::Parse("01"));
}

TEST_CASE("ParseFileName: Flyway's names") {
  const auto file = ParseFileName("sub/V1.2__add_jobs.sql");
  REQUIRE(file.ok());
  CHECK(file.value().Key() == "V1.2");
  CHECK(file.value().description == "add jobs");
  CHECK(ParseFileName("R__a_view.sql").value().Key() == "R a view");
  CHECK(Refusal("V1_x.sql") == "V1_x.sql is not the name of a migration: two underscores must stand before its words");
  CHECK(Refusal("Vx__a.sql").ends_with("\"x\" is no version"));
  CHECK(Refusal("U1__undo.sql").ends_with("it begins with neither V nor R__"));
  CHECK(Refusal("V1__.sql").ends_with("words must follow the two underscores"));
}

TEST_CASE("MakeFile: line ends and byte order marks do not count, all else does") {
  const auto sum = [](std::string_view text) { return MakeFile("V1__a.sql", text).value().checksum; };
  CHECK(sum("a\nb\n") == sum("\xEF\xBB\xBF"
                             "a\r\nb\r\n"));
  CHECK(sum("a\nb\n") != sum("a\nb"));
  CHECK(MakeFile("V1__a.sql", "\n-- Berth: no transaction\nvacuum").value().no_transaction);
  CHECK_FALSE(MakeFile("V1__a.sql", "select 1;\n-- berth: no transaction\n").value().no_transaction);
  CHECK_FALSE(MakeFile("V1__a.sql", "-- berth: no transactions\n").ok());
  CHECK_FALSE(MakeFile("V1__a.sql", " \n").ok());
  CHECK_FALSE(MakeFile("V1__a.sql", "\xff").ok());
}

TEST_CASE("ReadFolder: in order, versions are unique, other files do not count") {
  const test::TempDir folder;
  Write(folder / "V10__c.sql", "x");
  Write(folder / "V2__b.sql", "x");
  Write(folder / "R__a.sql", "x");
  Write(folder / "README.md", "x");
  const auto files = ReadFolder(folder.path().string());
  REQUIRE(files.ok());
  REQUIRE(files.value().size() == 3);
  CHECK(files.value()[0].script == "V2__b.sql");
  CHECK(files.value()[1].script == "V10__c.sql");
  CHECK(files.value()[2].script == "R__a.sql");
  Write(folder / "V2.0__again.sql", "x");
  const auto twice = ReadFolder(folder.path().string());
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().message == "V2.0__again.sql and V2__b.sql have one version");
  CHECK(ReadFolder(folder / "nowhere").error().code == ErrorCode::kNotFound);
}

TEST_CASE("ReadFolder: a link counts as the file that it leads to, and one that leads nowhere stops all") {
  const test::TempDir folder;
  const test::TempDir elsewhere;
  Write(elsewhere / "a.sql", "x");
  std::filesystem::create_symlink(elsewhere / "a.sql", folder / "V1__a.sql");
  std::filesystem::create_directory(folder / "V3__folder.sql");
  CHECK(ReadFolder(folder.path().string()).value().size() == 1);
  std::filesystem::create_symlink(elsewhere / "b.sql", folder / "V2__b.sql");
  const auto files = ReadFolder(folder.path().string());
  REQUIRE_FALSE(files.ok());
  CHECK(files.error().message == (folder / "V2__b.sql") + " cannot be read");
}

TEST_CASE("MakeNewFile: the next version, as wide as the last") {
  const test::TempDir folder;
  CHECK(MakeNewFile(folder / "new", "first", false).value() == folder / "new/V0001__first.sql");
  CHECK(MakeNewFile(folder / "new", "add jobs", false).value() == folder / "new/V0002__add_jobs.sql");
  CHECK(MakeNewFile(folder / "new", "a view", true).value() == folder / "new/R__a_view.sql");
  CHECK(MakeNewFile(folder / "new", "a view", true).error().code == ErrorCode::kAlreadyExists);
  Write(folder / "new/V9__nine.sql", "x");
  CHECK(MakeNewFile(folder / "new", "ten", false).value() == folder / "new/V10__ten.sql");
}

}  // namespace
}  // namespace berth::migrations
