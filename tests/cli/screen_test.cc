// The shell in a terminal emulator, as people see it.
#include <signal.h>

#include <doctest/doctest.h>

#include "support/temp_postgres.h"
#include "tmux.h"
#include "warehouse.h"

using berth::test::Active;
using berth::test::HomeWithConnection;
using berth::test::kTerminals;
using berth::test::kTwoTerminals;
using berth::test::TempPostgres;
using berth::test::Tmux;
using berth::test::Until;

namespace {

void Say(const Tmux& terminal, const std::string& line, const std::string& brings) {
  terminal.Type(line);
  terminal.Key("Enter");
  terminal.Await(brings);
}

}  // namespace

TEST_CASE("Tables, wide characters and errors, at every width and locale") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    Say(terminal, "select '中文' as wide, 12 as n, 'x' as plain;", " 中文 | 12 | x");
    CHECK(terminal.Screen().find(" wide | n  | plain") != std::string::npos);
    Say(terminal, "select nothing;", "column \"nothing\" does not exist");
    const auto screen = terminal.Await("LINE 1: select nothing");
    CHECK(screen.find("               ^^^^^^^") != std::string::npos);
    Say(terminal, "\\x auto", "used automatically");
    Say(terminal, "select repeat('a', 70) as first_column, repeat('b', 70) as second_column;",
        kind.columns == 80 ? "-[ RECORD 1 ]" : " | bbbbbbbb");
    Say(terminal, "select 'grüße' as typed_beyond_ascii;", " grüße");
  }
}

TEST_CASE("Tab completes statements, options, connections, and the warehouse's tables and columns") {
  TempPostgres::Shared().Psql("create table if not exists public.zq_harbours (id int, berths_free int, \"Name\" text)");
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    terminal.Type("show connec");
    terminal.Key("Tab");
    terminal.Await("show connection");
    terminal.Key("C-u");
    terminal.Type("create redsh");
    terminal.Key("Tab");
    terminal.Await("create redshift");
    terminal.Type("conn");
    terminal.Key("Tab");
    terminal.Await("create redshift connection");
    terminal.Type("x max_c");
    terminal.Key("Tab");
    terminal.Await("x max_concurrent_connections");
    terminal.Key("C-u");
    terminal.Type("drop connection e");
    terminal.Key("Tab");
    terminal.Await("drop connection etl");
    terminal.Key("C-u");
    Say(terminal, "select 1 as session_open;", "(1 row)");
    Until([&] {
      terminal.Key("C-u");
      terminal.Type("select * from zq_har");
      terminal.Key("Tab");
      return terminal.Screen().find("from zq_harbours") != std::string::npos;
    });
    terminal.Type("where ber");
    terminal.Key("Tab");
    terminal.Await("where berths_free");
    terminal.Key("C-u");
    terminal.Type("select h. from");  // the list of several
    terminal.Key("C-u");
    terminal.Type("select * from zq_harbours as h where h.");
    terminal.Key("Tab");
    CHECK(terminal.Await("\"Name\"").find("berths_free") != std::string::npos);
    terminal.Key("C-u");
    terminal.Type("\\conn");
    terminal.Key("Tab");
    terminal.Key("Tab");
    CHECK(terminal.Await("\\conninfo").find("\\connections") != std::string::npos);
  }
  TempPostgres::Shared().Psql("drop table public.zq_harbours");
}

TEST_CASE("Several lines: Up takes back those above, and a recalled statement is edited as a whole") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    terminal.Type("select 'one' as a,");
    terminal.Key("Enter");
    terminal.Await("etl->");
    terminal.Type("'two' as b");
    terminal.Key("Enter");
    terminal.Type("from nothing");
    terminal.Key("Up");  // all three lines are there to be edited
    terminal.Await("from nothing");
    terminal.Key("C-e");
    for (int i = 0; i < 12; ++i) terminal.Key("BSpace");
    terminal.Type(";");
    terminal.Key("Enter");
    terminal.Await(" one | two");
    terminal.Key("Up");  // the whole statement again
    terminal.Await("'two' as b");
    terminal.Key("Up");  // its line above
    terminal.Key("C-a");
    terminal.Type("");
    terminal.Key("Enter");
    Until([&] {
      const auto screen = terminal.Screen();
      const auto first = screen.find(" one | two");
      return first != std::string::npos && screen.find(" one | two", first + 1) != std::string::npos;
    });
    terminal.Key("C-r");
    terminal.Type("'two'");
    terminal.Await("bck:");
    terminal.Key("C-c");
  }
}

TEST_CASE("A long result goes through the pager; a short one does not") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind, .more_environment = {"BERTH_PAGER=less"}});
    terminal.Await("etl=>");
    Say(terminal, "select i as long_one from generate_series(1, 500) as i;", "    1\n");
    CHECK(terminal.Screen().find("etl=>") == std::string::npos);
    terminal.Key("G");
    terminal.Await("(500 rows)");
    terminal.Key("q");
    terminal.Await("etl=>");
    Say(terminal, "select 7 as short_one;", "(1 row)");
    terminal.Await("etl=>");
  }
}

TEST_CASE("What is typed while a statement runs stands at the next prompt, and runs when Enter comes") {
  for (const auto& kind : kTwoTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    terminal.Type("select pg_sleep(1) as slept;");
    terminal.Key("Enter");
    Until([] { return Active("as slept") == 1; });
    terminal.Type("select 'ahead' as typed");
    terminal.Await("(1 row)");
    terminal.Await("etl=> select 'ahead' as typed");
    Say(terminal, ";", " ahead");
  }
}

TEST_CASE("Listings of Berth's own are read without a pager on a narrow screen") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind, .more_environment = {"BERTH_PAGER=less"}});
    terminal.Await("etl=>");
    Say(terminal, "select 1 as opened;", "(1 row)");
    Say(terminal, "\\pools", kind.columns == 80 ? "-[ RECORD 1 ]" : " etl        | open");
    Say(terminal, "\\echo at the prompt", "\nat the prompt\n");
    Say(terminal, "\\sessions", "backend_pid");
    Say(terminal, "\\slots", "program");
    Say(terminal, "\\?", "\\conninfo");  // longer than the screen
    terminal.Key("q");
    Say(terminal, "\\echo at the end", "\nat the end\n");
  }
}

TEST_CASE("A slow statement tells how long it takes; Ctrl-C cancels it, twice leaves") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    Say(terminal, "select pg_sleep(99);", "(Ctrl-C cancels)");
    terminal.Key("C-c");
    terminal.Await("ERROR:");
    terminal.AwaitGone("(Ctrl-C cancels)");
    Say(terminal, "select 'on' as goes;", "(1 row)\n\netl=>");
    terminal.Type("half a statement");
    terminal.Await("half a statement");  // Ctrl-C throws away what was typed and not read yet
    terminal.Key("C-c");
    terminal.Await("half a statement\n");
    terminal.Type("x");
    terminal.Key("BSpace");
    terminal.Await("etl=>");
    Until([&] {  // two that a busy machine delivers as one are one
      terminal.Key("C-c");
      terminal.Key("C-c");
      return terminal.Ended();
    });
  }
}

TEST_CASE("NO_COLOR and TERM are heeded; what is pasted does not run by itself") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind, .more_environment = {"NO_COLOR=1"}});
    terminal.Await("etl=>");
    Say(terminal, "select oops;", "ERROR:");
    terminal.Type("\033[200~select 'pasted'\n\tas one;\n\033[201~");
    terminal.Await("as one;");
    CHECK(terminal.Screen().find(" pasted\n") == std::string::npos);
    terminal.Key("Enter");
    terminal.Await(" pasted");
  }
}

TEST_CASE("One line says what a statement waits for, and goes when it need not wait any more") {
  for (const auto& kind : kTerminals) {
    CAPTURE(kind.columns);
    CAPTURE(kind.locale);
    const HomeWithConnection home;
    const auto made =
        berth::test::Run(home, {"-c", "alter redshift connection etl set max_concurrent_connections = 1"});
    REQUIRE(made.status == 0);
    berth::test::Child holder(home, {.arguments = {"-C", "etl", "-c", "select pg_sleep(60)"}});
    Until([] { return Active("pg_sleep(60)") == 1; });
    const Tmux terminal(home, {.arguments = {"-C", "etl"}, .kind = kind});
    terminal.Await("etl=>");
    Say(terminal, "select 'at last' as mine;", "\"etl\": 1st in line, 1 of 1 slots in use; longest: pid ");
    if (kind.columns == 200) terminal.Await("busy");
    terminal.Await(" berth");  // who holds it, on a narrow screen as well
    terminal.Type("typed");    // the line is wiped nevertheless
    holder.Signal(SIGINT);
    terminal.Await(" at last");
    terminal.AwaitGone("1st in line");
    CHECK(holder.Wait() == 130);
  }
}
