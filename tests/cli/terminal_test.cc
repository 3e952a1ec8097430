#include <sys/stat.h>

#include <doctest/doctest.h>

#include "support/temp_postgres.h"
#include "warehouse.h"

using berth::test::Active;
using berth::test::Child;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::ReadFile;
using berth::test::Until;

namespace {

// The shell at a terminal, at its first prompt.
struct Shell : Child {
  Shell(const Home& home, std::vector<std::string> arguments, const char* prompt)
      : Child(home, {.arguments = std::move(arguments), .terminal = true}) {
    AwaitOutput(prompt);
  }
  // Types a line and waits for what it brings, then for the prompt.
  void Say(const std::string& line, const std::string& brings, const std::string& prompt) {
    Type(line + "\n");
    AwaitOutput(brings);
    AwaitOutput(prompt);
  }
  void Leave() {
    Type("\x04");
    CHECK(Wait() == 0);
  }
};

}  // namespace

TEST_CASE("The prompt shows the connection, the transaction and what is open") {
  const HomeWithConnection home;
  Shell shell(home, {}, "berth> ");
  shell.Say("use etl;", "USE", "etl=> ");
  shell.Say("select 1,", "", "etl-> ");
  shell.Say("(2", "", "etl(> ");
  shell.Say("), 'a", "", "etl'> ");
  shell.Say("b' as several_lines;", "(1 row)", "etl=> ");
  shell.Say("select $x$", "", "etl$> ");
  shell.Say("$x$ as dollars;", "(1 row)", "etl=> ");
  shell.Say("/* a", "", "etl*> ");
  shell.Say("*/ select 3 as commented;", "(1 row)", "etl=> ");
  shell.Say("begin;", "BEGIN", "etl=*> ");
  shell.Say("select 1/0;", "division by zero", "etl=!> ");
  shell.Say("rollback;", "ROLLBACK", "etl=> ");
  shell.Leave();
}

TEST_CASE("Ctrl-C cancels the running query and keeps the session") {
  const HomeWithConnection home;
  Shell shell(home, {"-C", "etl"}, "etl=> ");
  shell.Say("create temp table kept (a int);", "CREATE TABLE", "etl=> ");
  shell.Type("select pg_sleep(88);\n");
  Until([] { return Active("pg_sleep(88)") == 1; });
  shell.Type("\x03");
  shell.AwaitOutput("ERROR:");
  shell.AwaitOutput("etl=> ");
  CHECK(Active("pg_sleep(88)") == 0);
  shell.Say("select count(*) as rows_of_kept from kept;", "(1 row)", "etl=> ");
  // The second of two statements on one line does not run once the first was cancelled.
  shell.Type("select pg_sleep(89); select 'not this' as unwanted;\n");
  Until([] { return Active("pg_sleep(89)") == 1; });
  shell.Type("\x03");
  shell.AwaitOutput("ERROR:");
  shell.AwaitOutput("etl=> ");
  shell.Say("select 'alive';", "(1 row)", "etl=> ");
  CHECK(shell.output().find("unwanted \r\n---") == std::string::npos);
  shell.Leave();
}

TEST_CASE("Ctrl-C while typing forgets what was typed") {
  const HomeWithConnection home;
  Shell shell(home, {"-C", "etl"}, "etl=> ");
  shell.Type("select 'half");
  shell.AwaitOutput("half");
  shell.Type("\x03");
  shell.AwaitOutput("etl=> ");
  shell.Say("select (", "", "etl(> ");
  shell.Type("\x03");
  shell.AwaitOutput("etl=> ");
  shell.Say("select 4 as whole;", "(1 row)", "etl=> ");
  shell.Leave();
  CHECK(ReadFile(home / "state/berth/history") == "select 4 as whole;\n");
}

TEST_CASE("Meta commands") {
  const HomeWithConnection home;
  Shell shell(home, {}, "berth> ");
  shell.Say("\\conninfo", "none in use", "berth> ");
  shell.Say("\\c etl", "\"etl\"", "etl=> ");
  shell.Say("\\timing", "Timing is on.", "etl=> ");
  shell.Say("select 1;", "Time: ", "etl=> ");
  shell.Say("\\timing off", "Timing is off.", "etl=> ");
  shell.Say("\\x", "Expanded display is on.", "etl=> ");
  shell.Say("select 5 as five;", "-[ RECORD 1 ]\r\nfive | 5\r\n", "etl=> ");
  shell.Say("\\x auto", "used automatically", "etl=> ");
  shell.Say("select repeat('w', 120) as wide;", "-[ RECORD 1 ]-", "etl=> ");
  shell.Say("select 1 as slim;", "(1 row)", "etl=> ");
  shell.Say("\\conninfo", "backend pid:", "etl=> ");
  shell.Say("\\conninfo", "127.0.0.1", "etl=> ");
  shell.Say("\\nonsense", "lists the commands", "etl=> ");
  shell.Say("\\?", "\\conninfo", "etl=> ");
  shell.Type("\\q\n");
  CHECK(shell.Wait() == 0);
}

TEST_CASE("Whole statements come back from the history of an earlier shell") {
  const HomeWithConnection home;
  {
    Shell shell(home, {"-C", "etl"}, "etl=> ");
    shell.Say("select 'first',", "", "etl-> ");
    shell.Say("  'second' as recalled;", "(1 row)", "etl=> ");
    shell.Leave();
  }
  CHECK(ReadFile(home / "state/berth/history") == "select 'first',\\n  'second' as recalled;\n");
  struct stat facts{};
  REQUIRE(::stat((home / "state/berth/history").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  Shell shell(home, {"-C", "etl"}, "etl=> ");
  shell.Type("\x10");  // Ctrl-P: the one before
  shell.AwaitOutput("recalled;");
  shell.Say("", "(1 row)", "etl=> ");
  shell.Leave();
}

TEST_CASE("What is typed while a query runs is kept for the next prompt") {
  const HomeWithConnection home;
  Shell shell(home, {"-C", "etl"}, "etl=> ");
  shell.Type("select pg_sleep(1) as slow;\n");
  Until([] { return Active("as slow") == 1; });
  shell.Type("select 'typed ahead' as ahead;\n");
  shell.AwaitOutput("(1 row)");
  shell.AwaitOutput("(1 row)");
  shell.AwaitOutput("etl=> ");
  shell.Leave();
}

TEST_CASE("An error shows where, and the shell goes on; leaving is 0") {
  const HomeWithConnection home;
  Shell shell(home, {"-C", "etl"}, "etl=> ");
  shell.Say("select nothing;", "LINE 1: select nothing", "^");
  shell.AwaitOutput("etl=> ");
  shell.Say("select 'gr\xC3\xBC\xC3\x9F' as gruss;", " gr\xC3\xBC\xC3\x9F\r\n(1 row)", "etl=> ");
  shell.Leave();
}

TEST_CASE("PASSWORD = PROMPT is asked for without echo, once a login") {
  const Home home;
  Shell shell(home, {}, "berth> ");
  const auto& server = berth::test::TempPostgres::Shared();
  shell.Say("create redshift connection asked connection_string = '" + server.JdbcUrl() + "' user_name = '" +
                server.user() + "' password = prompt;",
            "CREATE CONNECTION", "berth> ");
  shell.Say("use asked;", "USE", "asked=> ");
  shell.Type("select 1 as first;\n");
  shell.AwaitOutput("Password for user berth on connection asked: ");
  shell.Type("wrong-one\n");
  shell.AwaitOutput("password authentication failed");
  shell.AwaitOutput("asked=> ");
  shell.Type("select 1 as second;\n");
  shell.AwaitOutput("Password for user berth on connection asked: ");
  shell.Type("\x03");
  shell.AwaitOutput("no password was typed");
  shell.AwaitOutput("asked=> ");
  shell.Type("select 1 as third;\n");
  shell.AwaitOutput("Password for user berth on connection asked: ");
  shell.Type(server.password() + "\n");
  shell.AwaitOutput("(1 row)");
  shell.AwaitOutput("asked=> ");
  shell.Say("select 2 as fourth;", "(1 row)", "asked=> ");
  shell.Leave();
  CHECK(shell.output().find(server.password()) == std::string::npos);
  CHECK(shell.output().find("wrong-one") == std::string::npos);
}
