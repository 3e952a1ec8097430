#include "shell/near_words.h"

#include <doctest/doctest.h>

using berth::Error;
using berth::SourceSpan;
using berth::shell::NearStatement;

namespace {

Error Syntax(std::uint32_t offset) {
  return {.message = "syntax error", .sqlstate = "42601", .span = SourceSpan{.offset = offset, .length = 1}};
}
const Error kNoConnection{.message = "no connection is in use", .sqlstate = "08003"};
const Error kNoSetting{.message = "unrecognized configuration parameter", .sqlstate = "42704"};

}  // namespace

TEST_CASE("What was nearly one of Berth's statements, or of SQL's, is told") {
  CHECK(NearStatement("creat redshift connection x", Syntax(0)) == "Did you mean CREATE?");
  CHECK(NearStatement("slect 1", Syntax(0)) == "Did you mean SELECT?");
  CHECK(NearStatement("shwo connections", kNoConnection) == "Did you mean SHOW?");
  CHECK(NearStatement("show conections", kNoSetting) == "Did you mean SHOW CONNECTIONS?");
  CHECK(NearStatement("show conections", kNoConnection) == "Did you mean SHOW CONNECTIONS?");
  CHECK(NearStatement("create redshfit connection x", Syntax(7)) == "Did you mean CREATE REDSHIFT?");
}

TEST_CASE("What is right, or far from everything, is not guessed at") {
  CHECK(NearStatement("select 1", kNoConnection).empty());
  CHECK(NearStatement("select form t", Syntax(12)).empty());
  CHECK(NearStatement("creat x", Syntax(6)).empty());  // the server minds another word
  CHECK(NearStatement("frobnicate", Syntax(0)).empty());
  CHECK(NearStatement("(select 1", Syntax(9)).empty());
  CHECK(NearStatement("", kNoConnection).empty());
  CHECK(NearStatement("creat x", {.message = "other", .sqlstate = "23505"}).empty());
}
