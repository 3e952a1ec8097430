#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "support/temp_postgres.h"
#include "warehouse.h"

using berth::test::Active;
using berth::test::Child;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::kTerminals;
using berth::test::kTwoTerminals;
using berth::test::ReadFile;
using berth::test::TerminalKind;
using berth::test::Until;

namespace {

// The shell at a terminal, at its first prompt.
struct Shell : Child {
  Shell(const Home& home, const TerminalKind& kind, std::vector<std::string> arguments, const char* prompt)
      : Child(home, {.arguments = std::move(arguments), .terminal = true, .kind = kind}) {
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
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {}, "berth> ");
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
}

TEST_CASE("Ctrl-C cancels the running query and keeps the session") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
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
}

TEST_CASE("A bar shows how much of a job's script is done") {
  const HomeWithConnection home;
  Shell shell(home, kTerminals[0], {"-C", "etl"}, "etl=> ");
  shell.Say("create job steps connection = etl as $$ select 1; select pg_sleep(87); $$;", "CREATE JOB", "etl=> ");
  shell.Type("run job steps;\n");
  shell.AwaitOutput("[##########----------] 50 %");
  shell.Type("\x03");
  shell.AwaitOutput("ERROR:");
  shell.AwaitOutput("etl=> ");
  shell.Leave();
}

TEST_CASE("Ctrl-C while typing forgets what was typed") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
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
}

TEST_CASE("Meta commands") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {}, "berth> ");
    shell.Say("\\conninfo", "none in use", "berth> ");
    shell.Say("\\c etl", "\"etl\"", "etl=> ");
    shell.Say("\\timing", "Timing is on.", "etl=> ");
    shell.Say("select 1;", "Time: ", "etl=> ");
    shell.Say("\\timing off", "Timing is off.", "etl=> ");
    shell.Say("\\x", "Expanded display is on.", "etl=> ");
    shell.Say("select 5 as five;", "-[ RECORD 1 ]\r\nfive | 5\r\n", "etl=> ");
    shell.Say("\\x auto", "used automatically", "etl=> ");
    shell.Say("select repeat('w', 220) as wide;", "-[ RECORD 1 ]-", "etl=> ");
    shell.Say("select 1 as slim;", "(1 row)", "etl=> ");
    shell.Say("\\conninfo", "backend pid:", "etl=> ");
    shell.Say("\\conninfo", "127.0.0.1", "etl=> ");
    shell.Say("\\nonsense", "lists the commands", "etl=> ");
    shell.Say("\\?", "\\conninfo", "etl=> ");
    shell.Type("\\q\n");
    CHECK(shell.Wait() == 0);
  }
}

TEST_CASE("Whole statements come back from the history of an earlier shell") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    {
      Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
      shell.Say("select 'first',", "", "etl-> ");
      shell.Say("  'second' as recalled;", "(1 row)", "etl=> ");
      shell.Leave();
    }
    CHECK(ReadFile(home / "state/berth/history") == "select 'first',\\n  'second' as recalled;\n");
    struct stat facts{};
    REQUIRE(::stat((home / "state/berth/history").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Type("\x10");  // Ctrl-P: the one before
    shell.AwaitOutput("recalled;");
    shell.Say("", "(1 row)", "etl=> ");
    shell.Say("\\s", "select 'first',\r\n  'second' as recalled;\r\n", "etl=> ");
    shell.Leave();
  }
}

TEST_CASE("\\watch runs a statement again and again until Ctrl-C") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Type("select 'seen' as again \\watch 0.1\n");
    for (int i = 0; i < 3; ++i) shell.AwaitOutput(" seen\r\n(1 row)");
    CHECK(shell.output().find("(every 0.1s)") != std::string::npos);
    shell.Type("\x03");
    shell.AwaitOutput("etl=> ");
    shell.Say("select 'and on' as goes;", "(1 row)", "etl=> ");
    shell.Leave();
  }
}

TEST_CASE("What is typed while a query runs is kept for the next prompt") {
  for (const auto& kind : kTwoTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Type("select pg_sleep(1) as slow;\n");
    Until([] { return Active("as slow") == 1; });
    shell.Type("select 'typed ahead' as ahead;\n");
    shell.AwaitOutput("(1 row)");
    shell.AwaitOutput("(1 row)");
    shell.AwaitOutput("etl=> ");
    shell.Leave();
  }
}

TEST_CASE("An error shows where, and the shell goes on; leaving is 0") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Say("select nothing;", "LINE 1: select nothing", "^");
    shell.AwaitOutput("etl=> ");
    shell.Say("select 'gr\xC3\xBC\xC3\x9F' as gruss;", " gr\xC3\xBC\xC3\x9F\r\n(1 row)", "etl=> ");
    shell.Leave();
  }
}

TEST_CASE("PASSWORD = PROMPT is asked for without echo, once a login") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const Home home;
    Shell shell(home, kind, {}, "berth> ");
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
    const std::string question = "Password for user berth on connection asked: ";
    shell.AwaitOutput(question);
    server.Psql("select pg_sleep(1)");  // longer than a statement is silent: the line of progress leaves the question
    shell.Type(server.password() + "\n");
    shell.AwaitOutput("(1 row)");
    CHECK(shell.output().substr(shell.output().rfind(question) + question.size()).starts_with("\r\n"));
    shell.AwaitOutput("asked=> ");
    shell.Say("select 2 as fourth;", "(1 row)", "asked=> ");
    shell.Leave();
    CHECK(shell.output().find(server.password()) == std::string::npos);
    CHECK(shell.output().find("wrong-one") == std::string::npos);
  }
}

TEST_CASE("A script of many short statements shows how much of it is done") {
  const HomeWithConnection home;
  std::string script;
  for (int i = 0; i < 40; ++i) script += "do $$ begin perform pg_sleep(0.05); end $$;\n";
  const auto path = home.Write("many.sql", script);
  Shell shell(home, kTerminals[0], {"-C", "etl"}, "etl=> ");
  shell.Type("\\i " + path + "\n");
  shell.AwaitOutput("[##########");
  shell.AwaitOutput("etl=> ");
  shell.Leave();
}

TEST_CASE("~/.berthrc runs first, and the environment names it and the connection") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    home.Write(".berthrc", "\\pset null (nothing)\n\\set greeting hello\nselect oops;\n\\echo from the start file\n");
    {
      Shell shell(home, kind, {"-C", "etl"}, "from the start file");
      shell.AwaitOutput("etl=> ");
      shell.Say("select null as n, :'greeting' as g;", "(nothing) | hello", "etl=> ");
      shell.Leave();
      CHECK(shell.output().find("does not exist") != std::string::npos);
    }
    {
      Shell shell(home, kind, {"-X", "-C", "etl"}, "etl=> ");
      shell.Say("select null as n;", "(1 row)", "etl=> ");
      shell.Leave();
      CHECK(shell.output().find("start file") == std::string::npos);
    }
    const auto other = home.Write("other.sql", "\\echo the other one\n");
    Child child(home,
                {.more_environment = {"BERTHRC=" + other, "BERTH_CONNECTION=etl"}, .terminal = true, .kind = kind});
    child.AwaitOutput("the other one");
    child.AwaitOutput("etl=> ");
    child.Type("\x04");
    CHECK(child.Wait() == 0);
  }
}

TEST_CASE("\\e edits the last statement, and what the editor leaves runs as if it had been typed") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const auto editor = home.Write("editor.sh", "#!/bin/sh\nsed -i 's/old/new/; s/$/;/' \"$1\"\n");
    REQUIRE(::chmod(editor.c_str(), 0755) == 0);
    Child child(home,
                {.arguments = {"-C", "etl"}, .more_environment = {"EDITOR=" + editor}, .terminal = true, .kind = kind});
    child.AwaitOutput("etl=> ");
    child.Type("select 'old' as edited;\n");
    child.AwaitOutput("(1 row)");
    child.Type("\\e\n");
    child.AwaitOutput("new\r\n(1 row)");
    child.AwaitOutput("etl=> ");
    child.Type("select 'old' as pending\n\\e\n");
    child.AwaitOutput("new\r\n(1 row)");
    child.Type("\\q\n");
    CHECK(child.Wait() == 0);
  }
}

TEST_CASE("Colour on a terminal, unless NO_COLOR or TERM say otherwise") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const auto shows = [&](std::vector<std::string> environment) {
      Child child(
          home,
          {.arguments = {"-C", "etl"}, .more_environment = std::move(environment), .terminal = true, .kind = kind});
      child.AwaitOutput("etl=> ");
      child.Type("select oops;\n");
      child.AwaitOutput("LINE 1");
      child.AwaitOutput("etl=> ");
      child.Type("\x04");
      child.Wait();
      return child.output().find("\x1b[1;31m") != std::string::npos;
    };
    CHECK(shows({}));
    CHECK_FALSE(shows({"NO_COLOR=1"}));
  }
}

TEST_CASE("Ctrl-C twice leaves, at the prompt and in a statement") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    {
      Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
      shell.Type("\x03");
      shell.AwaitOutput("etl=> ");
      shell.Type("\x03");
      CHECK(shell.Wait() == 130);
    }
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Type("select pg_sleep(77);\n");
    Until([] { return Active("pg_sleep(77)") == 1; });
    shell.Type("\x03");
    shell.AwaitOutput("etl=> ");
    shell.Type("\x03");
    CHECK(shell.Wait() == 130);
    Until([] { return Active("pg_sleep(77)") == 0; });
  }
}

TEST_CASE("A key is echoed while completion fetches, and the fetch gives way to the next statement") {
  for (const auto& kind : kTwoTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Say("select 1 as open;", "(1 row)", "etl=> ");
    // The server's list of columns is locked: what completion asks for hangs, and so would every new session.
    const std::string locked = "/tmp/" + home.path().filename().string() + ".locked";
    std::atomic<bool> released = false;
    std::jthread locker([&] {
      berth::test::TempPostgres::Shared().Psql(
          "begin; lock table pg_catalog.pg_attribute in access exclusive mode; copy (select 1) to '" + locked +
          "'; select pg_sleep(4)");
      released = true;
    });
    Until([&] { return std::filesystem::exists(locked); });
    shell.Type("\\echo fetch\n");  // a command makes the names be fetched anew
    shell.AwaitOutput("fetch\r\n");
    shell.AwaitOutput("etl=> ");
    for (int i = 0; i < 40; ++i) {
      const std::string key(1, static_cast<char>('a' + i % 26));
      shell.Type(key);
      shell.AwaitOutput(key);
    }
    shell.Type("\x15\\echo went on\n");
    shell.AwaitOutput("went on\r\n");
    CHECK_FALSE(released);  // the lock was there all the time
    locker.join();
    std::filesystem::remove(locked);
    shell.Say("select 'still here' as so;", "(1 row)", "etl=> ");
    shell.Leave();
  }
}

TEST_CASE("A lost session is replaced, and it is said what went with it") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    Shell shell(home, kind, {"-C", "etl"}, "etl=> ");
    shell.Say("create temp table zq_gone (a int);", "CREATE TABLE", "etl=> ");
    const std::string others =
        " from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
    berth::test::TempPostgres::Shared().Psql("select pg_terminate_backend(pid)" + others);
    Until([&] { return berth::test::TempPostgres::Shared().Psql("select count(*)" + others) == "0\n"; });
    shell.Say("select 'again' as so;", "was lost; this is a new one", "(1 row)");
    CHECK(shell.output().find("Temporary tables, settings and prepared statements of the old one are gone.") !=
          std::string::npos);
    shell.AwaitOutput("etl=> ");
    // Within a transaction its loss is told as well, and the replacement after it.
    shell.Say("begin;", "BEGIN", "etl=*> ");
    shell.Say("create temp table zq_gone (a int);", "CREATE TABLE", "etl=*> ");
    berth::test::TempPostgres::Shared().Psql("select pg_terminate_backend(pid)" + others);
    Until([&] { return berth::test::TempPostgres::Shared().Psql("select count(*)" + others) == "0\n"; });
    shell.Say("select 1;", "The transaction that was open in it is lost", "etl=!> ");
    shell.Say("rollback;", "ROLLBACK", "etl=> ");
    shell.Say("select 'once more' as so;", "was lost; this is a new one", "(1 row)");
    shell.AwaitOutput("etl=> ");
    shell.Leave();
  }
}
