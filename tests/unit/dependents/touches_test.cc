#include "dependents/touches.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::dependents {
namespace {

bool IsConnection(std::string_view name) {
  return name == "c" || name == "d" || name == "My C";
}

std::vector<Touch> Find(std::string_view body, bool backslash_escapes = false) {
  auto found = FindTouches(body, IsConnection, backslash_escapes);
  REQUIRE(found.ok());
  return std::move(found).value();
}

// "target c.s.t" or "source c.s.t", one a touch; the spans are checked against the body.
std::vector<std::string> Names(std::string_view body, bool backslash_escapes = false) {
  std::vector<std::string> names;
  for (const auto& touch : Find(body, backslash_escapes)) {
    CHECK(touch.name.offset + touch.name.length <= body.size());
    if (!touch.connection.empty()) {
      const auto prefix = body.substr(touch.prefix.offset, touch.prefix.length);
      CHECK(prefix.back() == '.');
    } else {
      CHECK(touch.prefix.length == 0);
    }
    names.push_back(std::string(touch.role == Role::kTarget ? "target " : "source ") + touch.connection + "." +
                    touch.schema + "." + touch.table);
  }
  return names;
}

std::string Sent(std::string_view body, bool backslash_escapes = false) {
  return WithoutPrefixes(body, Find(body, backslash_escapes));
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("targets by the words before them") {
  CHECK(Names("INSERT INTO c.s.t SELECT 1") == List{"target c.s.t"});
  CHECK(Names("insert into redshift C.S.T (a) values (1)") == List{"target c.s.t"});
  CHECK(Names("MERGE INTO c.s.t USING d.s.u ON 1 = 1") == List{"target c.s.t", "source d.s.u"});
  CHECK(Names("MERGE INTO REDSHIFT c.s.t USING c.s.u ON 1 = 1") == List{"target c.s.t", "source c.s.u"});
  CHECK(Names("UPDATE c.s.t SET a = 1 FROM c.s.u") == List{"target c.s.t", "source c.s.u"});
  CHECK(Names("UPDATE ONLY c.s.t SET a = 1") == List{"target c.s.t"});
  CHECK(Names("DELETE FROM c.s.t USING c.s.u") == List{"target c.s.t", "source c.s.u"});
  CHECK(Names("DELETE c.s.t WHERE a = 1") == List{"target c.s.t"});
  CHECK(Names("COPY c.s.t FROM 's3://b/c.s.x' CREDENTIALS '' DELIMITER '|'") == List{"target c.s.t"});
  CHECK(Names("COPY c.s.t (a, b) FROM 's3://b'") == List{"target c.s.t"});
  CHECK(Names("COPY c.s.t (a, b) TO STDOUT") == List{"source c.s.t"});
  CHECK(Names("COPY (SELECT * FROM c.s.t) TO STDOUT") == List{"source c.s.t"});
  CHECK(Names("TRUNCATE TABLE c.s.t") == List{"target c.s.t"});
  CHECK(Names("TRUNCATE c.s.t") == List{"target c.s.t"});
  CHECK(Names("SELECT 1 INTO c.s.t FROM c.s.u") == List{"target c.s.t", "source c.s.u"});
  CHECK(Names("CREATE TABLE IF NOT EXISTS c.s.t AS SELECT * FROM c.s.u") == List{"target c.s.t", "source c.s.u"});
  CHECK(Names("DROP TABLE c.s.t; ALTER TABLE c.s.u ADD COLUMN x int") == List{"target c.s.t", "target c.s.u"});
  CHECK(Names("SELECT 1 FROM x FOR UPDATE OF c.s.t") == List{"source c.s.t"});
}

TEST_CASE("a target of two parts is told, other names of two parts are not") {
  CHECK(Names("INSERT INTO s.t SELECT * FROM s.u") == List{"target .s.t"});
  CHECK(Names("INSERT INTO redshift.t SELECT 1") == List{"target .redshift.t"});
  CHECK(Names("INSERT INTO redshift SELECT 1").empty());
  CHECK(Names("INSERT INTO t SELECT s.a FROM s.u AS s").empty());
  CHECK(Names("UPDATE s.t SET a = 1; DELETE FROM s.u; TRUNCATE s.v; COPY s.w FROM 'x'") ==
        List{"target .s.t", "target .s.u", "target .s.v", "target .s.w"});
  CHECK(Names("CREATE TEMP TABLE s.t (a int)").empty());
}

TEST_CASE("sources: every other name of three parts whose first is a connection") {
  CHECK(Names("SELECT * FROM c.s.t, d.s.u JOIN \"My C\".\"S\".\"T\" USING (a)") ==
        List{"source c.s.t", "source d.s.u", "source My C.S.T"});
  CHECK(Names("SELECT * FROM x.s.t, c.t, \"C\".s.t").empty());
  CHECK(Names("SELECT (r).c.s.t, a[1].c.s.t").empty());
  CHECK(Names("SELECT 'c.s.t', $$ c.s.t $$ -- c.s.t\n /* c.s.t */").empty());
  CHECK(Names("WITH x AS (SELECT * FROM c.s.t) SELECT * FROM x") == List{"source c.s.t"});
  CHECK(Names("(a int REFERENCES c.s.t (id)) DISTSTYLE ALL") == List{"source c.s.t"});
  CHECK(Names("SELECT * FROM c . s /* x */ . t") == List{"source c.s.t"});
}

TEST_CASE("columns count for the cut and keep their table's role") {
  CHECK(Names("SELECT c.s.t.a, c.s.t.* FROM c.s.t") == List{"source c.s.t", "source c.s.t", "source c.s.t"});
  CHECK(Names("UPDATE c.s.t SET a = c.s.t.a + 1") == List{"target c.s.t", "target c.s.t"});
  CHECK(Names("SELECT c.s.t.a.b") == List{"source c.s.t"});
  CHECK(Sent("SELECT c.s.t.a, c.s.t.* FROM c.s.t") == "SELECT s.t.a, s.t.* FROM s.t");
}

TEST_CASE("the query of UNLOAD is looked into") {
  const std::string body =
      "UNLOAD ('select ''c.s.no'', \"My C\".s.t.a from \"My C\".s.t, c.s.u where x = ''d.s.no''') TO 's3://c.s.t' "
      "IAM_ROLE default";
  CHECK(Names(body) == List{"source My C.s.t", "source My C.s.t", "source c.s.u"});
  CHECK(Sent(body) ==
        "UNLOAD ('select ''c.s.no'', s.t.a from s.t, s.u where x = ''d.s.no''') TO 's3://c.s.t' IAM_ROLE default");
  CHECK(Sent("UNLOAD($$select * from c.s.t$$) TO 'x'") == "UNLOAD($$select * from s.t$$) TO 'x'");
  CHECK(Sent("unload ( E'select \\'c.s.t\\' from c.s.t' ) to 'x'") ==
        "unload ( E'select \\'c.s.t\\' from s.t' ) to 'x'");
  CHECK(Sent("UNLOAD ('select \\'c.s.t\\' from c.s.t') TO 'x'", true) ==
        "UNLOAD ('select \\'c.s.t\\' from s.t') TO 'x'");
  CHECK(Names("UNLOAD ('insert into redshift x.y.z select 1') TO 'x'").empty());
  CHECK(Names("f('select * from c.s.t')").empty());
}

TEST_CASE("prefixes are cut and nothing else is touched") {
  CHECK(Sent("INSERT INTO REDSHIFT c.s.t SELECT c.x FROM c.s.u c -- c.s.t") ==
        "INSERT INTO s.t SELECT c.x FROM s.u c -- c.s.t");
  CHECK(Sent("INSERT INTO  redshift\n\"My C\".\"s\".t SELECT 1") == "INSERT INTO  \"s\".t SELECT 1");
  CHECK(Sent("SELECT 1") == "SELECT 1");
  CHECK(Sent("").empty());
  const std::string_view body = "SELECT * FROM c.s.t";
  auto twice = Find(body);
  twice.push_back(twice[0]);
  CHECK(WithoutPrefixes(body, twice) == "SELECT * FROM s.t");
}

TEST_CASE("INSERT INTO REDSHIFT must name a table of a connection") {
  const std::string_view body = "INSERT INTO REDSHIFT nowhere.s.t SELECT 1";
  const auto unknown = FindTouches(body, IsConnection, false);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == ErrorCode::kNotFound);
  CHECK(unknown.error().message == "connection nowhere does not exist");
  REQUIRE(unknown.error().span.has_value());
  CHECK(body.substr(unknown.error().span->offset, unknown.error().span->length) == "nowhere");
  for (const auto* text : {"INSERT INTO REDSHIFT t SELECT 1", "INSERT INTO REDSHIFT s.t SELECT 1",
                           "INSERT INTO REDSHIFT c.s.t.u SELECT 1", "MERGE INTO REDSHIFT c..t USING x"}) {
    CAPTURE(text);
    const auto found = FindTouches(text, IsConnection, false);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == ErrorCode::kSyntax);
    CHECK_FALSE(found.error().hint.empty());
  }
}

TEST_CASE("a body of many names and of deep quotes is read in one pass") {
  std::string body = "SELECT ";
  for (int i = 0; i < 50'000; ++i) body += "c.s.t.a, ";
  CHECK(Find(body + "1 FROM c.s.t").size() == 50'001);
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "UNLOAD($a" + std::to_string(i) + "$";
  CHECK(Find(nested).empty());
}

}  // namespace berth::dependents
