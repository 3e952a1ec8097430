// \copy .. from: rows from a client, beside psql, and where the server takes none.
#include <doctest/doctest.h>

#include "beside_psql.h"
#include "support/redshift_proxy.h"
#include "tmux.h"
#include "warehouse.h"

using berth::test::BerthOutput;
using berth::test::Child;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::PsqlOutput;
using berth::test::Ran;
using berth::test::Run;
using berth::test::TempPostgres;

namespace {

struct Tables {
  Tables() { TempPostgres::Shared().Psql("create table public.zq_in (id int, t text, n numeric)"); }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  ~Tables() { TempPostgres::Shared().Psql("drop table public.zq_in"); }
  std::string Rows() const { return TempPostgres::Shared().Psql("select * from public.zq_in order by id, t"); }
};

Ran Copy(const Home& home, const std::string& command, const std::string& input = "") {
  return Run(home, {"-C", "etl", "-c", "\\copy " + command}, input);
}

}  // namespace

TEST_CASE("\\copy in is psql's, in both formats, from files and programs") {
  const HomeWithConnection home;
  const Tables tables;
  const auto text = home.Write("rows.txt", "1\tone\\ttab\t1.5\n2\t\\N\t\\N\n3\tb\\\\c\t-7\n");
  const auto csv = home.Write("rows.csv", "id,t,n\n1,\"a, \"\"b\"\"\nc\",2\n2,,\n3,\"\",0.5\n");
  const auto latin = home.Write("latin.txt", "7\tgr\xC3\xBC\xC3\x9F\xE4\xB8\xAD\t1\n\\.\nnot this\n");
  const std::vector<std::string> commands{
      "public.zq_in from '" + text + "'",
      "public.zq_in from " + csv + " csv header",
      "public.zq_in (id, t, n) from '" + csv + "' with (format csv, header, null '0.5')",
      "public.zq_in from '" + latin + "'",
      "public.zq_in (n, id) from program 'echo 1,2; echo 3,4' csv",
      "public.zq_in from program 'echo 5:x:6' with delimiter ':'",
      "public.zq_in from '" + csv + "' csv",
      "public.zq_in from '" + text + "' where id > 1",
      "public.zq_in from '/no/such/file'",
      "public.zq_none from program 'true'"};
  for (const auto& rest : commands) {
    CAPTURE(rest);
    const std::string script =
        "truncate public.zq_in;\n\\copy " + rest + "\nselect * from public.zq_in order by id, t;\n";
    CHECK(BerthOutput(home, script) == PsqlOutput(script));
  }
}

TEST_CASE("Standard input, many rows, and what is undone when it fails") {
  const HomeWithConnection home;
  const Tables tables;
  CHECK(Copy(home, "public.zq_in from stdin csv", "1,a,2\n2,b,3\n").error == "COPY 2\n");
  CHECK(Copy(home, "public.zq_in from pstdin csv", "3,c,4\n").status == 0);
  CHECK(tables.Rows() == "1|a|2\n2|b|3\n3|c|4\n");

  const Ran bad = Copy(home, "public.zq_in from stdin csv", "4,d,5\nfive,e,6\n");
  CHECK(bad.status == 1);
  CHECK(bad.error.find("invalid input syntax for type integer: \"five\"") != std::string::npos);
  CHECK(bad.error.find("line 2, column id") != std::string::npos);
  const Ran half = Copy(home, "public.zq_in from program 'echo 6,f,7; exit 3' csv");
  CHECK(half.status == 1);
  CHECK(half.error.find("status 3") != std::string::npos);
  CHECK(tables.Rows() == "1|a|2\n2|b|3\n3|c|4\n");
  // The session is as good as before: the same one goes on.
  const Ran on = Run(home, {"-C", "etl", "--on-error", "continue", "-f", "-"},
                     "create temp table kept as select 1;\n\\copy public.zq_in from program 'exit 1'\n"
                     "\\copy public.zq_in from program 'seq 1000000' (format csv, header off)\n"
                     "\\copy public.zq_in (id) from program 'seq 1000000'\ntable kept;\n");
  CHECK(on.output.find("(1 row)") != std::string::npos);
  CHECK(on.error.find("COPY 1000000") != std::string::npos);
  CHECK(TempPostgres::Shared().Psql("select count(*) from public.zq_in") == "1000003\n");

  const Ran script = Run(home, {"-C", "etl", "-f", "-"}, "\\copy public.zq_in from stdin\n1\tx\t1\n\\.\n");
  CHECK(script.status == 1);
  CHECK(script.error.find("the statements come from there") != std::string::npos);
}

TEST_CASE("Ctrl-C ends a \\copy that waits for rows, and keeps the session; a bar shows how much is done") {
  const HomeWithConnection home;
  const Tables tables;
  Child shell(home, {.arguments = {"-C", "etl"}, .terminal = true});
  shell.AwaitOutput("etl=> ");
  shell.Type("create temp table kept (a int);\n");
  shell.AwaitOutput("CREATE TABLE");
  shell.AwaitOutput("etl=> ");
  shell.Type("\\copy public.zq_in (id) from program 'echo 1; sleep 60'\n");
  berth::test::Until([] { return berth::test::Active("COPY public.zq_in") == 1; });
  shell.Type("\x03");
  shell.AwaitOutput("ERROR:");
  shell.AwaitOutput("etl=> ");
  shell.Type("select count(*) as of_kept from kept;\n");
  shell.AwaitOutput("(1 row)");
  shell.AwaitOutput("etl=> ");
  CHECK(tables.Rows().empty());
  // A trigger makes it slow, the file's size is known.
  TempPostgres::Shared().Psql(
      "create function public.zq_slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.2); return new; "
      "end'; create trigger slow before insert on public.zq_in for each row execute function public.zq_slow()");
  std::string rows;
  for (int i = 0; i < 8; ++i) rows += std::to_string(i) + "\tx\t1\n";
  shell.Type("\\copy public.zq_in from '" + home.Write("rows.txt", rows) + "'\n");
  shell.AwaitOutput("] 100 %");
  shell.AwaitOutput("COPY 8");
  shell.AwaitOutput("etl=> ");
  shell.Type("\\copy public.zq_in from stdin\n");
  shell.AwaitOutput("there is a person at it");
  shell.AwaitOutput("etl=> ");
  shell.Type("\x04");
  CHECK(shell.Wait() == 0);
  TempPostgres::Shared().Psql("drop function public.zq_slow() cascade");
}

TEST_CASE("Redshift takes no rows from a client: it is said why, and what to use") {
  const Tables tables;
  const berth::test::RedshiftProxy proxy(TempPostgres::Shared().server_port(), {});
  const Home home;
  const std::string url = "jdbc:redshift://127.0.0.1:" + std::to_string(proxy.port()) + "/dev?ssl=false";
  const Ran made = Run(home, {"-f", "-"},
                       "create redshift connection etl connection_string = '" + url +
                           "' user_name = 'berth' password = '" + TempPostgres::Shared().password() + "';\n");
  REQUIRE_MESSAGE(made.status == 0, made.error);
  const Ran refused = Copy(home, "public.zq_in from program 'echo 1,a,2' csv");
  CAPTURE(refused.error);
  CHECK(refused.status == 1);
  CHECK(refused.error.find("Redshift takes no rows from a client") != std::string::npos);
  CHECK(refused.error.find("COPY t FROM 's3://bucket/file' IAM_ROLE default FORMAT CSV") != std::string::npos);
  const Ran out = Copy(home, "(select 1 as a, 'x' as b) to stdout csv header");
  CHECK(out.output == "a,b\n1,x\n");
}
