#include "shell/variables.h"

#include <doctest/doctest.h>

using berth::ErrorCode;
using berth::shell::Variables;

TEST_CASE("Without --set texts stay as they are") {
  CHECK(Variables().Replace("a ${b} c", false).value() == "a ${b} c");
}

TEST_CASE("Variables are replaced everywhere, text for text") {
  Variables variables;
  REQUIRE(variables.Set("PORT", "5439").ok());
  REQUIRE(variables.Set("_n2", "${PORT}").ok());
  CHECK(variables.Replace("'h:${PORT}/${PORT}' -- ${_n2}", false).value() == "'h:5439/5439' -- ${PORT}");
  CHECK(variables.Replace("${1x} ${} ${PORT $PORT ${POR T}", false).value() == "${1x} ${} ${PORT $PORT ${POR T}");
  CHECK(variables.Replace("$${PORT}$$", false).value() == "$${PORT}$$");
  CHECK(variables.Replace("$$${PORT}$$", false).value() == "$$5439$$");
  REQUIRE(variables.Set("PORT", "").ok());
  CHECK(variables.Replace("${PORT}", false).value().empty());
}

TEST_CASE("An unknown name is an error that says where and what was near") {
  Variables variables;
  REQUIRE(variables.Set("HOST", "h").ok());
  const auto result = variables.Replace("select '${HOTS}'", false);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == ErrorCode::kInvalidArgument);
  CHECK(result.error().message == "no variable is named HOTS");
  CHECK(result.error().hint == "Did you mean ${HOST}?");
  CHECK(result.error().span == berth::SourceSpan{8, 7});
}

TEST_CASE("Names that cannot be names are refused") {
  for (const auto* name : {"", "1a", "a-b", "a b", "\xC3\xA4"}) CHECK_FALSE(Variables().Set(name, "v").ok());
}
