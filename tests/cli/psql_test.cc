// Commands that bear psql's names beside psql itself, on the same server. What differs is in README.md.
#include <doctest/doctest.h>

#include "beside_psql.h"
#include "warehouse.h"

using berth::test::BerthOutput;
using berth::test::HomeWithConnection;
using berth::test::PsqlOutput;
using berth::test::TempPostgres;

namespace {

constexpr const char* kRows =
    "select * from (values (1, 'one', 1.5::numeric, true, null::text), (22, E'two\\nlines', -3, false, ''), "
    "(333, '中文字', 0.001, null, 'a\tb|\"c\"')) as t (id, name, n, \"Flag\", nothing);\n";

// csv is the one format that tells an empty string from NULL by quotes.
std::string WithoutEmpty(std::string script) {
  const auto at = script.find("false, '')");
  return script.replace(at, 10, "false, '-')");
}

// Both run it; what they print is the same.
void Same(const HomeWithConnection& home, const std::string& script) {
  CAPTURE(script);
  CHECK(BerthOutput(home, script) == PsqlOutput(script));
}

}  // namespace

TEST_CASE("Looks: every setting that psql has as well") {
  const HomeWithConnection home;
  Same(home, kRows);
  for (const char* setting : {"\\a",
                              "\\t",
                              "\\x",
                              "\\x\n\\t",
                              "\\a\n\\t",
                              "\\a\n\\x",
                              "\\a\n\\f ;",
                              "\\pset null (null)",
                              "\\pset border 0",
                              "\\pset border 2",
                              "\\pset border 2\n\\t",
                              "\\pset border 0\n\\t",
                              "\\pset format csv",
                              "\\pset format csv\n\\t",
                              "\\pset format csv\n\\x",
                              "\\pset format csv\n\\pset csv_fieldsep ;\n\\pset null -",
                              "\\pset footer off",
                              "\\pset title 'A title'",
                              "\\C 'A title that is longer than the table is wide, by far yes'",
                              "\\pset footer\n\\a",
                              "\\x\n\\C x",
                              "\\a\n\\x\n\\pset null ?",
                              "\\x auto",
                              "\\pset format unaligned"}) {
    const bool csv = std::string(setting).find("csv") != std::string::npos;
    Same(home, std::string(setting) + "\n" + (csv ? WithoutEmpty(kRows) : kRows) +
                   "select 1 as a where false;\nselect 7 as b;\n");
  }
}

TEST_CASE("Running a statement") {
  const HomeWithConnection home;
  Same(home, "select 1 as a \\g\nselect 2 as b \\gx\nselect 3 as c\n\\g\n\\g\n");
  Same(home,
       "select 5 as five, 'it''s' as \"text\" \\gset\n\\echo :five :text\nselect :five + 1 as six, :'text' as t;\n");
  Same(home, "select 5 as five \\gset p_\n\\echo :p_five\nselect 1 as \"A\" where :p_five = 5;\n");
  Same(home, "select 'select ' || i || ' as x' from generate_series(1, 3) as i \\gexec\n");
  Same(home, "select 1 as a, 'x'::varchar(5) as b, 1.5::numeric(4,2) as c, now() as d \\gdesc\n");
  Same(home, "select 1 as a, 2 as a\n\\gdesc\n");
  Same(home, "create temp table t (a int) \\gdesc\n");
  Same(home, "select 1 as kept\n\\p\n;\nselect 2\n\\r\nselect 3 as three;\n");
  Same(home, "select 1 as ended;\n\\p\nselect 2 as open\\g\n\\g\n\\p\nselect 3 as ended_again;\n\\g\n\\p\n");
  Same(home,
       "select 1 as a, 'x' as b \\g (format=csv tuples_only=on)\nselect 2 as c \\g (expanded=on)\nselect 3 as d;\n");
  Same(home, "select 1 as a \\g (footer=off null='- -') |tr a-z A-Z\nselect null as n \\gx (null='(none)')\n");
  Same(home, "select 1 as piped \\g |cat\nselect 'to nobody' \\g /dev/null\n");
}

TEST_CASE("\\watch goes on until an error; \\gexec and \\gset of nothing and of too much") {
  const HomeWithConnection home;
  // Without a title, which has the time in it.
  Same(home, "create temp sequence turn;\n\\t\nselect 'turn', 6 / (3 - nextval('turn')) \\watch 0.05\n\\echo after\n");
  Same(home, "select 1 where false \\gset\n\\echo none\nselect 1 as a from generate_series(1, 2) \\gset\n\\echo :a\n");
  Same(home, "select null as was, 2 as is_now \\gset\n\\echo :was :is_now\n");
  Same(home,
       "select 'select 1/0', 'select 2 as two', null union all select 'select 3 as three', '', null \\gexec\n\\echo "
       ":SQLSTATE\n");
  Same(home, "select 'no' where false \\gexec\nselect 4 as four;\n");
}

TEST_CASE("Variables") {
  const HomeWithConnection home;
  Same(home,
       "\\set a 1\n\\set b 'x y' z\n\\echo :a :b :'b' :\"b\" :none\nselect :a as a, :'b' as b, '1'::text as c;\n");
  Same(home, "\\set t 'it''s'\nselect :'t' as t, ':t' as u; -- :t\n\\unset t\n\\echo :t\n");
  Same(home, "\\echo -n one\n\\echo two 'three  four' \"five six\"\n\\qecho q\n");
  Same(home,
       "select 1/0;\n\\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE :ROW_COUNT\nselect generate_series(1,4);\n\\echo "
       ":ERROR :SQLSTATE :ROW_COUNT\n");
  Same(home,
       "select 3 > 2 as so, 3 > 4 as not_so \\gset\n\\if :so\nselect 'so' as a;\n\\if :not_so\nselect 1/0;\n\\elif "
       "on\n\\echo elif\n\\else\n\\echo no\n\\endif\n\\else\nselect 'else' \\gset\n\\nonsense\n\\endif\n\\if "
       ":{?none}\n\\echo none\n\\elif :{?so}\n\\echo :{?so} set\n\\endif\nselect :{?so} as t, :{?none} as f;\n");
  Same(home, "\\set one 1 \\echo :one\n\\echo a \\\\ select 2 as b;\n");
}

TEST_CASE("Files: out, in and copies") {
  const HomeWithConnection home;
  const auto both = [&](const std::string& script) { Same(home, script); };
  const std::string file = home / "out.txt";
  both("\\o " + file + "\nselect 1 as a;\n\\qecho done\n\\o\n\\! cat " + file + "\n");
  both("\\o |tr a-z A-Z\nselect 'loud' as a;\n\\o\nselect 2 as quiet;\n");
  const auto included = home.Write("in.sql", "select 'included' as a;\n\\echo in\n");
  both("\\i " + included + "\nselect 1 as after;\n");
  both("select 1 as a\n\\w " + file + "\n;\n\\! cat " + file + "\n");
  both("select 1 as a;\n\\w " + file + "\n\\! cat " + file + "\n");
}

TEST_CASE("\\copy out is COPY's, in both formats") {
  const HomeWithConnection home;
  auto& server = TempPostgres::Shared();
  server.Psql(
      "create table if not exists public.copied (id int, t text, n numeric, b bool);"
      "truncate public.copied; insert into public.copied values (1, E'tab\\there', 1.50, true),"
      "(2, '', null, false), (3, E'new\\nline, \"quoted\"', 7, null), (4, '\\.', 0, true), (5, 'a|b\\c', 1, true)");
  for (const char* rest :
       {"stdout", "stdout csv", "stdout csv header", "stdout with (format csv, header, delimiter '|')",
        "stdout with (format csv, null 'NULL', quote '''')", "stdout with delimiter as '|' null as '-'",
        "stdout (format csv, header true, escape '\\')", "STDOUT (FORMAT text, NULL '?')", "program 'cat' csv"}) {
    Same(home, std::string("\\copy public.copied to ") + rest + "\n");
  }
  Same(home, "\\copy public.copied (id, t) to stdout csv\n");
  Same(home, "\\copy (select t from public.copied order by id desc) to stdout csv\n");
  Same(home, "\\copy (select id, '(x) to y' as a from public.copied) to " + (home / "c.csv") + " csv header\n\\! cat " +
                 (home / "c.csv") + "\n");
  server.Psql("drop table public.copied");
}

TEST_CASE("Describing relations, schemas and functions") {
  const HomeWithConnection home;
  auto& server = TempPostgres::Shared();
  server.Psql(
      "create schema zq; create schema \"Zq 2\";"
      "create table zq.parent (id int primary key, \"Name\" varchar(20) not null default 'x', n numeric(10,2) check (n "
      "> 0),"
      " at timestamptz default now(), c text collate \"C\", unique (\"Name\", n));"
      "create table zq.child (id bigint generated always as identity, parent_id int references zq.parent (id),"
      " twice int generated always as (parent_id * 2) stored);"
      "create index child_parent on zq.child (parent_id desc); create view zq.v as select * from zq.parent;"
      "create materialized view zq.mv as select id from zq.parent; create sequence zq.s;"
      "create table public.here (a int); create table \"Zq 2\".\"Odd name\" (\"a b\" int);"
      "create function zq.twice(x int, y text default 'a') returns int language sql as 'select x * 2';"
      "create procedure zq.nothing() language sql as 'select 1'");
  for (const char* command : {"\\d zq.parent",
                              "\\d zq.child",
                              "\\d zq.v",
                              "\\d zq.mv",
                              "\\d \"Zq 2\".\"Odd name\"",
                              "\\d zq.pa*t",
                              "\\dt zq.*",
                              "\\dv zq.*",
                              "\\dm zq.*",
                              "\\ds zq.s",
                              "\\di zq.*",
                              "\\dtv zq.*",
                              "\\dt",
                              "\\d",
                              "\\dn",
                              "\\dn zq*",
                              "\\dn \"Zq 2\"",
                              "\\df zq.*",
                              "\\df zq.twice",
                              "\\df",
                              "\\dt ZQ.PARENT",
                              "\\dt zq.p?rent",
                              "\\a\n\\d zq.parent",
                              "\\x\n\\dt zq.*",
                              "\\t\n\\d zq.child",
                              "\\pset border 2\n\\d zq.parent",
                              "set search_path = zq;\n\\d\n\\d parent\n\\df tw*",
                              "\\dt pg_catalog.pg_cla*"}) {
    Same(home, std::string(command) + "\n");
  }
  server.Psql("drop schema zq cascade; drop schema \"Zq 2\" cascade; drop table public.here");
}
