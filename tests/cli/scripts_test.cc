#include <signal.h>

#include <atomic>

#include <doctest/doctest.h>

#include "support/fake_server.h"
#include "warehouse.h"

using berth::test::Active;
using berth::test::Child;
using berth::test::CreateConnection;
using berth::test::FakePeer;
using berth::test::FakeServer;
using berth::test::HomeWithConnection;
using berth::test::Ran;
using berth::test::Run;
using berth::test::TempPostgres;
using berth::test::Until;

TEST_CASE("-c and -f run in the order given, - is standard input") {
  const HomeWithConnection home;
  const auto file = home.Write("two.sql", "select 2;\nselect 3");
  const Ran ran = Run(home,
                      {"-C", "etl", "-o", "plain", "-c", "select 1", "-f", file, "-c", "select 4; select 5;", "-f", "-",
                       "--command=select 7"},
                      "select 6;");
  CHECK(ran.status == 0);
  CHECK(ran.output == "1\n2\n3\n4\n5\n6\n7\n");
  CHECK(Run(home, {"shell", "-C", "etl", "-o", "plain", "-"}, "select 1").output == "1\n");
  CHECK(Run(home, {"-C", "etl", "-o", "plain"}, "select 1;").output == "1\n");
}

TEST_CASE("Formats, on real types") {
  const HomeWithConnection home;
  const std::string query =
      "select 1::int as i, 1.10::numeric as n, 'NaN'::float8 as f, true as b, null as u, '' as e, E'a\\tb' as t";
  const auto in = [&](const char* format) { return Run(home, {"-C", "etl", "-o", format, "-c", query}).output; };
  CHECK(in("json") == "[{\"i\":1,\"n\":\"1.10\",\"f\":\"NaN\",\"b\":true,\"u\":null,\"e\":\"\",\"t\":\"a\\tb\"}]\n");
  CHECK(in("csv") == "i,n,f,b,u,e,t\n1,1.10,NaN,t,,\"\",a\tb\n");
  CHECK(in("tsv") == "1\t1.10\tNaN\tt\t\\N\t\ta\\tb\n");
  CHECK(in("plain") == "1\t1.10\tNaN\tt\t\t\ta\tb\n");
  CHECK(in("table") ==
        " i |  n   |  f  | b | u | e |     t     \n---+------+-----+---+---+---+-----------\n"
        " 1 | 1.10 | NaN | t |   |   | a       b\n(1 row)\n\n");
}

TEST_CASE("Results go to standard output, tags, notices and errors to standard error") {
  const HomeWithConnection home;
  const Ran ran = Run(home, {"-C", "etl", "-f", "-"},
                      "create temp table t (a int);\ninsert into t values (1), (2);\n"
                      "do $$ begin raise notice 'look'; end $$;\nselect count(*) from t;\nselect nothing\n  from t;\n");
  CHECK(ran.status == 1);
  CHECK(ran.output == " count \n-------\n     2\n(1 row)\n\n");
  CHECK(ran.error ==
        "CREATE TABLE\nINSERT 0 2\n<stdin>:3: NOTICE:  look\nDO\n"
        "<stdin>:5: ERROR:  column \"nothing\" does not exist\nLINE 1: select nothing\n               ^^^^^^^\n");
}

TEST_CASE("Exit statuses: a failed statement 1, no session 4") {
  const HomeWithConnection home;
  CHECK(Run(home, {"-C", "etl", "-c", "select 1/0"}).status == 1);
  CHECK(Run(home, {"-C", "nowhere", "-c", "select 1"}).status == 1);
  CHECK(Run(home, {"-c", "select 1"}).status == 1);
  CHECK(Run(home, {"-f", "-"}, CreateConnection("wrong", "not-the-password")).status == 0);
  const Ran refused = Run(home, {"-C", "wrong", "-c", "select 1"});
  CHECK(refused.status == 4);
  CHECK(refused.output.empty());
  CHECK(Run(home, {"-f", "-"},
            "CREATE REDSHIFT CONNECTION gone CONNECTION_STRING = 'jdbc:redshift://127.0.0.1:1/dev?ssl=false' "
            "USER_NAME = 'u' PASSWORD = 'p'")
            .status == 0);
  CHECK(Run(home, {"-C", "gone", "-c", "select 1"}).status == 4);
}

TEST_CASE("--on-error says whether the rest runs") {
  const HomeWithConnection home;
  const std::string script = "select 1; select 1/0; select 2;";
  CHECK(Run(home, {"-C", "etl", "-o", "plain", "-c", script, "-c", "select 3"}).output == "1\n");
  const Ran all = Run(home, {"-C", "etl", "-o", "plain", "--on-error", "continue", "-c", script, "-c", "select 3"});
  CHECK(all.output == "1\n2\n3\n");
  CHECK(all.status == 1);
}

TEST_CASE("--set puts values into scripts, -e shows what runs, --timeout bounds each statement") {
  const HomeWithConnection home;
  const Ran ran = Run(home, {"-C", "etl", "-o", "plain", "-e", "--set", "N=41", "-c", "select ${N} + 1"});
  CHECK(ran.output == "select 41 + 1;\n42\n");
  const Ran unknown = Run(home, {"-C", "etl", "--set", "N=41", "-c", "select ${M}"});
  CHECK(unknown.status == 1);
  CHECK(unknown.error.find("no variable is named M") != std::string::npos);
  const Ran slow = Run(home, {"-C", "etl", "--timeout", "200ms", "-c", "select pg_sleep(60)"});
  CHECK(slow.status == 1);
  CHECK(Active("pg_sleep(60)") == 0);
}

TEST_CASE("A closed pipe ends the program quietly, and its query") {
  const HomeWithConnection home;
  Child child(home, {.arguments = {"-C", "etl", "-o", "csv", "-c", "select generate_series(1, 200000000) as endless"}});
  child.AwaitOutput("endless\n1\n");
  child.CloseOutput();
  CHECK(child.Wait() == 0);
  CHECK(child.error().empty());
  Until([] { return Active("as endless") == 0; });
}

TEST_CASE("Ctrl-C ends a script with 130 and cancels its query") {
  const HomeWithConnection home;
  Child child(home, {.arguments = {"-C", "etl", "-c", "select pg_sleep(77)", "-c", "select 'never'"}});
  Until([] { return Active("pg_sleep(77)") == 1; });
  child.Signal(SIGINT);
  CHECK(child.Wait() == 130);
  CHECK(child.output().empty());
  CHECK(child.error().find("ERROR:") != std::string::npos);
  Until([] { return Active("pg_sleep(77)") == 0; });

  // In a login that hangs: at once, not at its CONNECT_TIMEOUT.
  std::atomic<bool> asked{false};
  FakeServer silent([&](FakePeer& peer, int) {
    peer.Startup();
    asked = true;
    peer.AwaitHangUp();
  });
  CHECK(Run(home, {"-f", "-"},
            "CREATE REDSHIFT CONNECTION hangs USER_NAME = 'u' PASSWORD = 'p' CONNECTION_STRING = "
            "'jdbc:redshift://127.0.0.1:" +
                std::to_string(silent.port()) + "/dev?ssl=false&connectTimeout=600'")
            .status == 0);
  Child hung(home, {.arguments = {"-C", "hangs", "-c", "select 1"}});
  Until([&] { return asked.load(); });
  hung.Signal(SIGINT);
  CHECK(hung.Wait() == 130);

  Child waiting(home, {.arguments = {"-C", "etl", "-c", "select 'before'", "-f", "-"}});
  waiting.AwaitOutput("(1 row)");
  waiting.Signal(SIGINT);
  CHECK(waiting.Wait() == 130);
}

namespace {

// The most memory that the program has held so far, in kB.
long Peak(const Child& child) {
  const auto status = berth::test::ReadFile("/proc/" + std::to_string(child.pid()) + "/status");
  return std::stol(status.substr(status.find("VmHWM:") + 6));
}

}  // namespace

TEST_CASE("A long result streams: the first rows are there long before the last") {
  const HomeWithConnection home;
  const auto run = [&](const char* statement) {
    return Child(home, {.arguments = {"-C", "etl", "-o", "csv", "-c", "select 'first'", "-c", statement}});
  };
  auto short_one = run("select pg_sleep(60)");
  auto long_one = run("select n, repeat('x', 100) from generate_series(1, 10000000) n");
  short_one.AwaitOutput("first");
  long_one.AwaitOutput("\n100,");
  CHECK(Peak(long_one) - Peak(short_one) < 100'000);  // kB; the result has more than 1 GB
  for (auto* child : {&short_one, &long_one}) {
    child->Signal(SIGINT);
    CHECK(child->Wait() == 130);
  }
}
