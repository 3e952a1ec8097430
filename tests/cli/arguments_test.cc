#include <sstream>

#include <doctest/doctest.h>

#include "child.h"

using berth::test::Child;
using berth::test::Home;
using berth::test::Ran;
using berth::test::ReadFile;
using berth::test::Run;

TEST_CASE("--help fits a screen, --version says which") {
  const Home home;
  const Ran help = Run(home, {"--help"});
  CHECK(help.status == 0);
  CHECK(help.error.empty());
  std::istringstream lines(help.output);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(line.size() <= 80);
  CHECK(count <= 24);
  for (const auto* option : {"-c", "-f", "-C", "-o", "-e", "--on-error", "--set", "--timeout", "--catalog"}) {
    CHECK(help.output.find(option) != std::string::npos);
  }
  CHECK(Run(home, {"--version"}).output == "berth " BERTH_VERSION "\n");
}

TEST_CASE("The help of every command fits a screen of 24 lines of 80 columns") {
  const Home home;
  for (const char* command : {"exec", "init", "doctor", "serve", "migrate", "jobs", "dump", "import", "backup",
                              "restore", "check", "rekey"}) {
    CAPTURE(command);
    const Ran help = Run(home, {command, "--help"});
    CHECK(help.status == 0);
    CHECK(help.error.empty());
    CHECK(help.output.find("berth " + std::string(command)) != std::string::npos);
    std::istringstream lines(help.output);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) CHECK(line.size() <= 80);
    CHECK(count <= 24);
  }
}

TEST_CASE("Wrong usage is 2, says what is wrong and touches nothing") {
  const Home home;
  const std::vector<std::vector<std::string>> wrong{
      {"--nonsense"},          {"nonsense"},         {"-o", "xml"},
      {"--timeout", "soon"},   {"--timeout", "0"},   {"--on-error", "maybe"},
      {"--set", "A"},          {"--set", "1=2"},     {"-C"},
      {"-f", "/no/such/file"}, {"exec", "--", "ls"}, {"serve", "--dev", "x"},
      {"serve", "up"},         {"doctor", "x"},      {"-c", "select 1", "-f", "/no/file"}};
  for (const auto& arguments : wrong) {
    const Ran ran = Run(home, arguments);
    CAPTURE(arguments.back());
    CHECK(ran.status == 2);
    CHECK(ran.output.empty());
    CHECK(ran.error.starts_with("ERROR:  "));
  }
  CHECK(std::filesystem::is_empty(home.path()));
}

TEST_CASE("A catalog that cannot be opened is 3") {
  const Home home;
  const auto file =
      home.Write("no.db", "this is no database, it is text and long enough to have a header of its own ......");
  CHECK(Run(home, {"--catalog", "sqlite:" + file, "-c", "show jobs"}).status == 3);
  CHECK(Run(home, {"--catalog", "sqlite:/proc/nothing/c.db", "-c", "show jobs"}).status == 3);
  CHECK(ReadFile(file).starts_with("this is no database"));
}

TEST_CASE("The catalog is in the user's data folder, or where it is said to be") {
  const Home home;
  CHECK(Run(home, {"-c", "show jobs"}).status == 0);
  CHECK(std::filesystem::exists(home / "data/berth/catalog.db"));
  CHECK(Run(home, {"--catalog", "sqlite:" + (home / "other.db"), "-c", "show jobs"}).status == 0);
  CHECK(std::filesystem::exists(home / "other.db"));
  Child child(home,
              {.arguments = {"-c", "show jobs"}, .more_environment = {"BERTH_CATALOG=sqlite:" + (home / "env.db")}});
  CHECK(child.Wait() == 0);
  CHECK(std::filesystem::exists(home / "env.db"));
}

TEST_CASE("-c takes whatever text it is given") {
  const Home home;
  CHECK(Run(home, {"-c", ""}).status == 0);
  CHECK(Run(home, {"-c", "-- a comment"}).status == 0);
  CHECK(Run(home, {"-c", "--", "-c", "show jobs"}).status == 0);
  for (const auto* text : {"{}", "[a,b]", "'x'", "-1", "%%"}) {
    const Ran ran = Run(home, {"-c", text});
    CHECK(ran.status == 1);  // no connection is in use, so it was taken as a statement for one
  }
}

TEST_CASE("No core is written: it would hold passwords") {
  const Home home;
  Child child(home, {.arguments = {"-c", "show jobs", "-f", "-"}});
  child.AwaitOutput("(0 rows)");
  const auto limits = ReadFile("/proc/" + std::to_string(child.pid()) + "/limits");
  const auto line = limits.substr(limits.find("Max core file size"));
  CHECK(line.starts_with("Max core file size        0 "));  // the soft limit
  child.CloseInput();
  CHECK(child.Wait() == 0);
}
