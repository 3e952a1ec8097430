#include "statements/named_parameters.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::statements {
namespace {

const std::vector<SqlParameter> kIdAndName{{.name = "id", .value = "7"}, {.name = "name", .value = "O'Hara"}};

std::string Bind(std::string_view sql, bool backslash_escapes = false) {
  const auto bound = BindNamed(sql, kIdAndName, backslash_escapes);
  if (!bound.ok()) return bound.error().message;
  std::string text = bound.value().text;
  for (const auto& value : bound.value().values) text += " | " + value.value_or("NULL");
  return text;
}

TEST_CASE("a named parameter becomes $n, and its value is never pasted") {
  CHECK(Bind("select :id") == "select $1 | 7");
  CHECK(Bind("select :name, :id, :name") == "select $1, $2, $1 | O'Hara | 7");
  CHECK(Bind("select :id::smallint, x::int, :id::text") == "select $1::smallint, x::int, $1::text | 7");
  CHECK(Bind("select a[1:2], :other, :idle") == "select a[1:2], :other, :idle");
}

TEST_CASE("what stands in strings, names, comments and dollar quotes is no parameter") {
  for (const auto* sql :
       {"select ':id'", "select 'it''s :id'", "select \":id\"", "select 1 -- :id\n", "select /* :id /* :id */ :id */ 1",
        "select $$ :id $$", "select $a$ :id $b$ :id $a$", "select E'\\':id'", "unload ('select :id') to 's3://b/'"}) {
    CAPTURE(sql);
    CHECK(Bind(sql) == sql);
  }
  CHECK(Bind("select '\\', :id, '") == "select '\\', $1, ' | 7");
  CHECK(Bind("select '\\', :id, '", true) == "select '\\', :id, '");
}

TEST_CASE("a place in the sent text is told in the caller's") {
  const auto bound = BindNamed("select :name from t where id = :id and oops", kIdAndName, false);
  REQUIRE(bound.ok());
  const auto& text = bound.value().text;
  CHECK(bound.value().OriginalOffset(text.find("from")) == 13);
  CHECK(bound.value().OriginalOffset(text.find("$2")) == 31);
  CHECK(bound.value().OriginalOffset(text.find("oops")) == 39);
}

TEST_CASE("parameters that no text uses are refused in the service's words") {
  const std::vector<std::string> both{"select :id", "select :name"};
  const std::vector<std::string> one{"select ':id', :name"};
  CHECK(CheckParameters(both, kIdAndName, false).ok());
  CHECK(CheckParameters(one, {}, false).ok());
  const auto unused = CheckParameters(one, kIdAndName, false);
  REQUIRE_FALSE(unused.ok());
  CHECK(unused.error().code == ErrorCode::kInvalidArgument);
  CHECK(unused.error().message == "Parameters list contains unused parameters. Unused parameters: [id]");
  const std::vector<SqlParameter> twice{{.name = "id", .value = "1"}, {.name = "id", .value = "2"}};
  CHECK_FALSE(CheckParameters(both, twice, false).ok());
  CHECK(Bind("select $1, :id").find("write :name for all") != std::string::npos);
}

}  // namespace
}  // namespace berth::statements
