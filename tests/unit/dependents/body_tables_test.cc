#include "dependents/body_tables.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace berth::dependents {
namespace {

using List = std::vector<std::string>;

std::string RoleName(Role role) {
  switch (role) {
    case Role::kTarget:
      return "target";
    case Role::kSource:
      return "source";
    case Role::kStaging:
      return "staging";
  }
  return "";
}

// "target s.t", with a "~" behind it where it was scanned. The spans are checked: each holds the table's name.
List Uses(std::string_view body) {
  List uses;
  for (const auto& use : FindTables(body, false).tables) {
    CAPTURE(use.table);
    REQUIRE(use.name.offset + use.name.length <= body.size());
    CHECK(body.substr(use.name.offset, use.name.length).find(use.table) != std::string_view::npos);
    uses.push_back(RoleName(use.role) + " " + use.schema + "." + use.table + (use.found == Found::kScanned ? "~" : ""));
  }
  return uses;
}

}  // namespace

TEST_CASE("the grammar finds tables in joins, subqueries and set operations") {
  CHECK(Uses("INSERT INTO s.t SELECT * FROM a JOIN s.b ON true LEFT JOIN (SELECT * FROM s.d) x USING (i) "
             "WHERE EXISTS (SELECT 1 FROM s.e) AND y IN (SELECT y FROM s.f) UNION ALL SELECT * FROM s.g, LATERAL "
             "(SELECT 1 "
             "FROM s.h) l") == List{"target s.t", "source public.a", "source s.b", "source s.d", "source s.e",
                                    "source s.f", "source s.g", "source s.h"});
  CHECK(Uses("UPDATE s.t SET a = (SELECT max(a) FROM s.u) FROM s.v WHERE t.i = v.i") ==
        List{"target s.t", "source s.u", "source s.v"});
  CHECK(Uses("DELETE FROM s.t USING s.u WHERE t.i = u.i") == List{"target s.t", "source s.u"});
  CHECK(Uses("MERGE INTO s.t USING (SELECT * FROM s.u) u ON t.i = u.i WHEN MATCHED THEN DELETE") ==
        List{"target s.t", "source s.u"});
  CHECK(Uses("INSERT INTO s.t SELECT * FROM s.t") == List{"target s.t", "source s.t"});
  CHECK(Uses("SELECT f.a FROM generate_series(1, 3) f, other_database.s.t").empty());
  CHECK(Uses("SELECT extract(day FROM x.d), trim(both ' ' FROM x.n) FROM \"S\".\"T\" x") == List{"source S.T"});
  CHECK(Uses("SELECT 1 FROM s.t x FOR UPDATE OF x") == List{"source s.t"});
}

TEST_CASE("names of three parts: the body's own database, and others once each") {
  const auto elsewhere = [](std::string_view body) {
    List names;
    for (const auto& use : FindTables(body, false, "public", "dev").elsewhere)
      names.push_back(use.database + "." + use.schema + "." + use.table);
    return names;
  };
  CHECK(elsewhere("SELECT * FROM dev.s.t, s.u, x.s.t JOIN x.s.u ON true JOIN \"Y\".s.t y ON x.s.t.a = y.a") ==
        List{"x.s.t", "Y.s.t"});
  CHECK(elsewhere("COPY x.s.t FROM 's3://b/'; UNLOAD ('select * from y.s.t') TO 's3://b/'") == List{"x.s.t", "y.s.t"});
  CHECK(elsewhere("DROP TABLE x.s.t") == List{"x.s.t"});
  CHECK(elsewhere("SELECT o.a.b FROM s.orders o, o.items.parts p, dev.s.t").empty());
  const auto own = FindTables("INSERT INTO dev.s.t SELECT 1 FROM x.s.t", false, "public", "dev").tables;
  REQUIRE(own.size() == 1);
  CHECK(own[0].schema + "." + own[0].table == "s.t");
}

TEST_CASE("a CTE's name is no table where it is in scope") {
  CHECK(Uses("WITH x AS (SELECT * FROM s.a), y AS (SELECT * FROM x) SELECT * FROM x, y, z") ==
        List{"source s.a", "source public.z"});
  CHECK(Uses("WITH t AS (SELECT * FROM t) SELECT * FROM t") == List{"source public.t"});
  CHECK(Uses("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT * FROM t) SELECT * FROM t").empty());
  CHECK(Uses("SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) q, x") == List{"source public.x"});
  CHECK(Uses("WITH x AS (SELECT 1) INSERT INTO x SELECT * FROM x") == List{"target public.x"});
  CHECK(Uses("WITH x AS (SELECT 1) SELECT * FROM s.x") == List{"source s.x"});
}

TEST_CASE("other statements that the grammar reads") {
  CHECK(Uses("CREATE TABLE s.t AS SELECT * FROM s.u") == List{"target s.t", "source s.u"});
  CHECK(Uses("CREATE TABLE s.t (LIKE s.u, i int REFERENCES s.v (i))") ==
        List{"target s.t", "source s.u", "source s.v"});
  CHECK(Uses("CREATE VIEW s.v AS SELECT * FROM s.t") == List{"target s.v", "source s.t"});
  CHECK(Uses("SELECT 1 INTO s.t FROM s.u") == List{"target s.t", "source s.u"});
  CHECK(Uses("TRUNCATE s.t, s.u") == List{"target s.t", "target s.u"});
  CHECK(Uses("DROP TABLE IF EXISTS s.t, u") == List{"target s.t", "target public.u"});
  CHECK(Uses("DROP SCHEMA s") == List{});
  CHECK(Uses("ALTER TABLE s.t ADD COLUMN x int") == List{"target s.t"});
  CHECK(Uses("REFRESH MATERIALIZED VIEW s.v") == List{"target s.v"});
  CHECK(Uses("ANALYZE s.t") == List{"target s.t"});
  CHECK(Uses("COPY s.t TO STDOUT") == List{"source s.t"});
  CHECK(Uses("COPY s.t FROM STDIN") == List{"target s.t"});
  CHECK(Uses("CALL s.p()").empty());
}

TEST_CASE("what the grammar refuses is scanned, and the use says so") {
  CHECK(Uses("COPY s.t (a, b) FROM 's3://b/x' IAM_ROLE default") == List{"target s.t~"});
  CHECK(Uses("CREATE TABLE IF NOT EXISTS s.t (a int) DISTSTYLE ALL") == List{"target s.t~"});
  CHECK(Uses("CREATE TABLE s.t DISTKEY (a) AS SELECT * FROM s.u") == List{"target s.t~", "source s.u~"});
  CHECK(Uses("SELECT * FROM s.t x, s.u y JOIN s.v USING (i, j) QUALIFY row_number() OVER (ORDER BY a, b) = 1") ==
        List{"source s.t~", "source s.u~", "source s.v~"});
  CHECK(Uses("SELECT TOP 10 extract(day FROM d), a FROM (SELECT * FROM s.t) x, s.u WHERE d IS DISTINCT FROM e") ==
        List{"source s.t~", "source s.u~"});
  CHECK(Uses("WITH t AS (SELECT TOP 1 * FROM t), u (a, b) AS (SELECT * FROM t) SELECT * FROM t, u, f(1), v") ==
        List{"source public.t~", "source public.v~"});
  CHECK(Uses("DELETE s.t WHERE i IN (SELECT i FROM s.u)") == List{"target s.t~", "source s.u~"});
  CHECK(Uses("ALTER TABLE s.t APPEND FROM s.u") == List{"target s.t~", "source s.u~"});
  CHECK(Uses("VACUUM DELETE ONLY s.t TO 99 PERCENT") == List{"target s.t~"});
  CHECK(Uses("INSERT INTO s.t MAP_COLUMNS_BY_NAME EXCEPT a, b SELECT TOP 1 * FROM s.u") ==
        List{"target s.t~", "source s.u~"});
  CHECK(Uses("CREATE EXTERNAL SCHEMA x FROM DATA CATALOG DATABASE 'd'").empty());
  CHECK(Uses("GRANT USAGE FOR SCHEMAS IN x TO ROLE y").empty());
}

TEST_CASE("the query of UNLOAD is read by the grammar where it can be") {
  CHECK(Uses("UNLOAD ('select * from s.t join u on a = ''x''') TO 's3://b' IAM_ROLE default") ==
        List{"source s.t", "source public.u"});
  CHECK(Uses("UNLOAD ($$select top 1 * from s.t$$) TO 's3://b'") == List{"source s.t~"});
}

TEST_CASE("names inside SUPER values are no tables") {
  CHECK(Uses("SELECT * FROM s.orders o, o.items i, i.parts p") == List{"source s.orders"});
  CHECK(Uses("SELECT TOP 1 * FROM s.orders o, o.items i") == List{"source s.orders~"});
}

TEST_CASE("a script: staging, temporary tables, the search path") {
  CHECK(
      Uses(
          "CREATE TABLE s.stage (LIKE s.t); COPY s.stage FROM 's3://x' IAM_ROLE default; INSERT INTO s.t SELECT * FROM "
          "s.stage; DROP TABLE s.stage") == List{"staging s.stage", "source s.t", "target s.t"});
  CHECK(Uses("CREATE TEMP TABLE x AS SELECT * FROM s.a; INSERT INTO s.t SELECT * FROM x;") ==
        List{"source s.a", "target s.t"});
  CHECK(Uses("SELECT TOP 5 * INTO #x FROM s.a; INSERT INTO s.t SELECT * FROM #x") ==
        List{"source s.a~", "target s.t~"});
  CHECK(Uses("INSERT INTO a SELECT 1; SET search_path TO '$user', m; INSERT INTO a SELECT 1") ==
        List{"target public.a", "target m.a"});
  CHECK(Uses("SELECT * FROM pg_class, stl_query, svv_tables, information_schema.tables").empty());
  CHECK(Uses("-- nothing;\n ; ;").empty());
}

TEST_CASE("found by both readers counts as parsed") {
  CHECK(Uses("COPY s.t FROM 's3://x' IAM_ROLE default; DELETE FROM s.t") == List{"target s.t"});
}

TEST_CASE("statements that neither reader understands are told") {
  CHECK(FindTables("SELECT 1 FROM s.t; FROBNICATE THE WAREHOUSE; CALL p()", false).unread ==
        std::vector<std::size_t>{2});
  CHECK(FindTables("GRANT SELECT ON s.t TO u; SET x TO y", false).unread.empty());
}

TEST_CASE("deep and long statements are read or scanned, never too much for the stack") {
  std::string deep = "SELECT ";
  for (int i = 0; i < 32'000; ++i) deep += "a+";
  CHECK(Uses(deep + "1 FROM s.t") == List{"source s.t"});
  std::string longer = deep;
  for (int i = 0; i < 400'000; ++i) longer += "a+";
  CHECK(Uses(longer + "1 FROM s.t") == List{"source s.t~"});
  CHECK(Uses("SELECT * FROM s.t WHERE " + std::string(60'000, '(')) == List{"source s.t~"});
  CHECK(Uses(std::string(100'000, ')') + " FROM s.t") == List{"source s.t~"});
}

}  // namespace berth::dependents
