#include "session/startup.h"

#include <doctest/doctest.h>

namespace berth::session {
namespace {

TEST_CASE("settings that every session gets") {
  const ServerInfo postgres{.version = 150'020};
  const ServerInfo redshift{.redshift = true, .version = 80'002};
  CHECK(StartupText({}, postgres) == "SET extra_float_digits TO 2; SET client_connection_check_interval TO 5000");
  CHECK(StartupText({}, {.version = 130'000}) == "SET extra_float_digits TO 2");
  CHECK(StartupText({}, redshift) == "SET extra_float_digits TO 2");
}

TEST_CASE("the user's limit is asked for where everybody may know it") {
  CHECK(UserLimitText({.version = 150'020}).find("rolconnlimit") != std::string_view::npos);
  CHECK(UserLimitText({.redshift = true, .version = 80'002}).empty());
}

TEST_CASE("search_path is read as the server reads it and sent so that no dialect reads it otherwise") {
  const auto path = [](const char* text) {
    ConnectParams params;
    params.search_path = text;
    return StartupText(params, {.redshift = true, .version = 80'002});
  };
  const std::string begin = "SET extra_float_digits TO 2; SET search_path TO ";
  CHECK(path("a") == begin + "\"a\"");
  CHECK(path(" Sales , public,\"Na me\"") == begin + "\"sales\", \"public\", \"Na me\"");
  CHECK(path("\"a\"\"b\", \"c,d\" , $user") == begin + "\"a\"\"b\", \"c,d\", \"$user\"");
  CHECK(path("x\"; drop table t; --") == begin + "\"; drop table t; --\"");
  CHECK(path("it's\\") == begin + "\"it's\\\"");
}

TEST_CASE("query_group goes to Redshift only, quoted for a server where a backslash escapes") {
  ConnectParams params;
  params.query_group = "o'b\\c";
  CHECK(StartupText(params, {.redshift = true}) == "SET extra_float_digits TO 2; SET query_group TO 'o''b\\\\c'");
  CHECK(StartupText(params, {.version = 130'000}) == "SET extra_float_digits TO 2");
}

}  // namespace
}  // namespace berth::session
