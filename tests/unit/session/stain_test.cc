#include "session/stain.h"

#include <string>

#include <doctest/doctest.h>

namespace berth::session {
namespace {

TEST_CASE("what texts leave behind") {
  struct Row {
    const char* sql;
    Stain stain;
  };
  const Row rows[] = {
      {"", Stain::kNone},
      {"select * from t where a = 'set_config into temp'", Stain::kNone},
      {"insert into t select * from u on conflict do nothing", Stain::kNone},
      {"merge into t using u on t.a = u.a when matched then delete", Stain::kNone},
      {"update t set a = 1; delete from t", Stain::kNone},
      {"/* set x */ select 1 -- set y; call z\n", Stain::kNone},
      {"select temp, hold, role, use from weather", Stain::kNone},
      {"select 'it''s; call me', $1, \"create\", 1e5", Stain::kNone},
      {"create view v as select 1; drop table t; grant select on v to role r", Stain::kNone},
      {"begin; insert into t values (1); commit", Stain::kNone},
      {"SET x = 1", Stain::kSettings},
      {"select 1; reset all", Stain::kSettings},
      {"select Set_Config('a.b', 'c', false)", Stain::kSettings},
      {"select \"set_config\"('a.b', 'c', false)", Stain::kSettings},
      {"/* first */ prepare p as select 1", Stain::kSettings},
      {"declare c cursor for select 1", Stain::kSettings},
      {"discard plans", Stain::kSettings},
      {"select set_config('role', 'x', false)", Stain::kObjects},
      {"create table t(a int)", Stain::kObjects},
      {"create table #t(a int)", Stain::kObjects},
      {"create table pg_temp_3.t(a int)", Stain::kObjects},
      {"create table \"pg_temp\".t(a int)", Stain::kObjects},
      {"create temp table s.t(a int)", Stain::kObjects},
      {"create table s.t(a int); create table t(a int)", Stain::kObjects},
      {"create table /* s. */ t(a int)", Stain::kObjects},
      {"create table s.t(a int)", Stain::kNone},
      {"create table if not exists \"S\" . t as select 1", Stain::kNone},
      {"create table if not exists t(a int)", Stain::kObjects},
      {"create table s.t(a int); create unlogged table t(a int)", Stain::kObjects},
      {"create unlogged table s.t(a int)", Stain::kNone},
      {"CREATE TEMPORARY VIEW v AS SELECT 1", Stain::kObjects},
      {"create or replace temp view v as select 1", Stain::kObjects},
      {"select a into b from c", Stain::kObjects},
      {"select 1; call p()", Stain::kObjects},
      {"do 'begin end'", Stain::kObjects},
      {"set role x", Stain::kObjects},
      {"set local role x", Stain::kObjects},
      {"set \"role\" to x", Stain::kObjects},
      {"set session authorization x", Stain::kObjects},
      {"declare c cursor with hold for select 1", Stain::kObjects},
      {"listen x", Stain::kObjects},
      {"use dev", Stain::kObjects},
      {"load 'lib'", Stain::kObjects},
      {"create function pg_temp.f() returns int language sql as 'select 1'", Stain::kObjects},
      {"select pg_advisory_lock(1)", Stain::kObjects},
      {"select pg_advisory_xact_lock(1)", Stain::kNone},
      // Where the end of a string or comment is not certain, what follows counts as code.
      {"select '\\'; call p(); --'", Stain::kObjects},
      {"select /* /* */ */ 1; call p()", Stain::kObjects},
      {"select $$ ' $$; call p()", Stain::kObjects},
      {"select $a$ ; set x = 1 $a$", Stain::kSettings},
      {"select 'never closed; call p()", Stain::kObjects},
      {"select \"never closed ' ; call p()", Stain::kNone},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sql);
    CHECK(static_cast<int>(ReadText(row.sql).stain) == static_cast<int>(row.stain));
  }
}

TEST_CASE("the names that PREPARE makes are kept as the server keeps them") {
  const auto facts = ReadText("prepare Abc as select 1; PREPARE \"D\"\"e\" (int) as select $1");
  REQUIRE(facts.prepared.size() == 2);
  CHECK(facts.prepared[0] == "abc");
  CHECK(facts.prepared[1] == "D\"e");
  CHECK(ReadText("select '\\'; prepare p as select 1").stain == Stain::kObjects);
  CHECK(ReadText("prepare transaction 'x'").prepared.empty());
}

TEST_CASE("what may have been committed when the session is lost") {
  CHECK(ReadText("select 1; show x; set a = 1; begin").reads_only);
  CHECK_FALSE(ReadText("insert into t values (1)").reads_only);
  CHECK_FALSE(ReadText("with x as (insert into t values (1) returning a) select * from x").reads_only);
  CHECK_FALSE(ReadText("select a into b from c").reads_only);
  CHECK_FALSE(ReadText("explain analyze insert into t values (1)").reads_only);
  CHECK(ReadText("select 1; commit").commits);
  CHECK(ReadText("END").commits);
  CHECK(ReadText("call p()").commits);
  CHECK(ReadText("prepare transaction 'x'").commits);
  CHECK_FALSE(ReadText("select case when a then 1 end, commit from t").commits);
}

TEST_CASE("a table that is stored leaves nothing in the session, by text and by tag") {
  CHECK(ReadText("create table s.t(a int)").stored_tables);
  CHECK_FALSE(ReadText("create table t(a int); create table s.t(a int)").stored_tables);
  CHECK_FALSE(ReadText("create table s.t(a int); create table t(a int)").stored_tables);
  CHECK_FALSE(ReadText("create table s.t(a int); create unlogged table t(a int)").stored_tables);
  CHECK_FALSE(ReadText("select 1").stored_tables);
  CHECK(StainOfTag("CREATE TABLE", true) == Stain::kNone);
  CHECK(StainOfTag("CREATE TABLE AS", true) == Stain::kNone);
  CHECK(StainOfTag("SELECT INTO", true) == Stain::kObjects);
}

TEST_CASE("what command tags leave behind") {
  for (const char* tag : {"", "SELECT 3", "INSERT 0 1", "UPDATE 1", "DELETE 0", "CREATE VIEW", "DROP TABLE", "BEGIN",
                          "COMMIT", "ROLLBACK", "COPY 5", "UNLOAD", "TRUNCATE TABLE", "CLOSE CURSOR", "EXPLAIN"}) {
    CAPTURE(tag);
    CHECK(StainOfTag(tag) == Stain::kNone);
  }
  for (const char* tag : {"SET", "RESET", "PREPARE", "DECLARE CURSOR", "DEALLOCATE", "DISCARD ALL"}) {
    CAPTURE(tag);
    CHECK(StainOfTag(tag) == Stain::kSettings);
  }
  for (const char* tag :
       {"CREATE TABLE", "CREATE TABLE AS", "SELECT INTO", "CALL", "DO", "LISTEN", "LOAD", "USE", "SOMETHING NEW"}) {
    CAPTURE(tag);
    CHECK(StainOfTag(tag) == Stain::kObjects);
  }
}

}  // namespace
}  // namespace berth::session
