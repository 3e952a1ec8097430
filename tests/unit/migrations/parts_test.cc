#include "migrations/parts.h"

#include <fmt/core.h>

#include <doctest/doctest.h>

namespace berth::migrations {
namespace {

// "catalog: a | c: b; d": the parts with their steps.
std::string Parts(std::string_view text) {
  const auto file = MakeFile("V1__a.sql", text);
  REQUIRE(file.ok());
  const auto parts = SplitParts(file.value(), file.value().text);
  if (!parts.ok()) return parts.error().message;
  std::string out;
  for (const auto& part : parts.value()) {
    out += fmt::format("{}{}:", out.empty() ? "" : " | ", part.catalog() ? "catalog" : part.connection);
    for (const auto& step : part.steps) out += fmt::format(" [{}]", step.text);
  }
  return out;
}

TEST_CASE("SplitParts: statements of one side that follow each other are one part") {
  CHECK(
      Parts(
          "attach job 'a' using connection c; attach job 'b' using connection c; use connection c; select 1; select 2; "
          "execute on connection d as $$ select 3 $$; select 4; detach job 'a'") ==
      "catalog: [attach job 'a' using connection c] [attach job 'b' using connection c] | c: [select 1] [select 2] | "
      "d: "
      "[ select 3 ] | c: [select 4] | catalog: [detach job 'a']");
}

TEST_CASE("SplitParts: tables have two halves, and their records wait for the next statement on the catalog") {
  CHECK(Parts("create table c.s.a (i int); create table c.s.b (like c.s.a); drop table c.s.x;") ==
        "c: [CREATE TABLE s.a (i int)] [CREATE TABLE s.b (like s.a)] [DROP TABLE s.x] | catalog: [record table c.s.a] "
        "[record table c.s.b] [forget table c.s.x]");
  CHECK(Parts("attach table c.s.a; drop job j;") ==
        "c: [look for table s.a] | catalog: [record table c.s.a] [drop job j]");
}

TEST_CASE("SplitParts: whose a statement is does not depend on the catalog") {
  CHECK(Parts("use c; create table db.s.t (i int)") == "c: [create table db.s.t (i int)]");
  CHECK(Parts("use c; create table c.s.t (i int)") == "c: [CREATE TABLE s.t (i int)] | catalog: [record table c.s.t]");
}

TEST_CASE("SplitParts: the file's line is told") {
  CHECK(Parts("use connection c;\n\n  -- x\n  truncate t").starts_with("V1__a.sql:4: TRUNCATE cannot be part of"));
  CHECK(Parts("-- nothing\n") == "V1__a.sql holds no statement");
  CHECK(Parts("-- berth: no transaction\nuse connection c; truncate t") == "c: [truncate t]");
}

TEST_CASE("LeavesSettings: what outlives the transaction") {
  const auto part_of = [](const std::string& text) {
    const auto file = MakeFile("V1__a.sql", "use connection c; select 1; " + text);
    REQUIRE(file.ok());
    const auto parts = SplitParts(file.value(), file.value().text);
    REQUIRE(parts.ok());
    return parts.value().front();
  };
  const auto leaves = [&](const std::string& text) { return LeavesSettings(part_of(text)); };
  for (const auto* const text : {"reset all", "set a.b to 'c'", "SELECT set_config('a', 'b', false)"}) {
    CAPTURE(text);
    CHECK(SettlesOf(part_of(text).steps.back()) == Settles::kOnlyThat);
  }
  for (const auto* const text :
       {"SELECT set_config('a', 'b', false), f()", "SELECT set_config('a', f(), false)", "SELECT set_config('a')",
        "INSERT INTO t SELECT set_config('a', 'b', false)", "SELECT set_config('a', 'b', false) FROM f()"}) {
    CAPTURE(text);
    CHECK(SettlesOf(part_of(text).steps.back()) == Settles::kAmongOthers);
  }
  for (const auto* const text : {"SET search_path = x", "/* a */ set session authorization b", "reset all",
                                 "SET CONSTRAINT_EXCLUSION = on", "select 1, pg_catalog.set_config('a', 'b', false)"}) {
    CAPTURE(text);
    CHECK(leaves(text));
  }
  for (const auto* const text :
       {"SET LOCAL search_path = x", "set transaction read only", "SET CONSTRAINTS ALL DEFERRED",
        "UPDATE t SET a = 'set_config'", "select 1 as setting"}) {
    CAPTURE(text);
    CHECK_FALSE(leaves(text));
  }
}

}  // namespace
}  // namespace berth::migrations
