#include "engine/passwords.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "support/temp_dir.h"

using berth::engine::ReadPasswordFile;

namespace {

std::string Write(const berth::test::TempDir& folder, const std::string& text, mode_t mode = 0600) {
  const auto path = folder / "password";
  std::ofstream(path, std::ios::binary) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

std::string MessageOf(const std::string& path) {
  const auto read = ReadPasswordFile(path);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().Sqlstate() == "28000");
  CHECK_FALSE(read.error().hint.empty());
  return read.error().message;
}

}  // namespace

TEST_CASE("a password file holds the password alone; one line end does not count") {
  const berth::test::TempDir folder;
  for (const std::string end : {"", "\n", "\r\n"}) {
    const auto read = ReadPasswordFile(Write(folder, "two words" + end));
    REQUIRE(read.ok());
    CHECK(read.value().Reveal() == "two words");
  }
  CHECK(ReadPasswordFile(Write(folder, "p\n\n")).value().Reveal() == "p\n");
}

TEST_CASE("a password file that cannot be used is named, with why") {
  const berth::test::TempDir folder;
  CHECK(MessageOf("relative/path").find("not an absolute path") != std::string::npos);
  CHECK(MessageOf(folder / "none").find("No such file") != std::string::npos);
  CHECK(MessageOf(folder.path().string()).find("not a regular file") != std::string::npos);
  CHECK(MessageOf(Write(folder, "p", 0604)).find("can be read by everyone (mode 0604)") != std::string::npos);
  CHECK(MessageOf(Write(folder, "\n")).find("is empty") != std::string::npos);
  CHECK(MessageOf(Write(folder, std::string("a\0b", 3))).find("NUL") != std::string::npos);
  CHECK(MessageOf(Write(folder, std::string(berth::engine::kPasswordFileBytesMax + 1, 'x'))).find("at most 65536") !=
        std::string::npos);
}
