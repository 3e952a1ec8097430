#include "shell/name_pattern.h"

#include <doctest/doctest.h>

using berth::shell::ReadNamePattern;

TEST_CASE("Patterns of names as psql's, as regular expressions") {
  const auto is = [](const char* pattern, const char* schema, const char* name) {
    const auto read = ReadNamePattern(pattern);
    CAPTURE(pattern);
    CHECK(read.schema == schema);
    CHECK(read.name == name);
  };
  is("", "", "");
  is("*", "", "");
  is("Trips", "", "^(trips)$");
  is("s.t*", "^(s)$", "^(t.*)$");
  is("*.t?", "", "^(t.)$");
  is("\"S.x\".\"a\"\"b\"", "^(S\\.x)$", "^(a\"b)$");
  is("a$b", "", "^(a\\$b)$");
}
