#include "engine/known_connections.h"

#include <doctest/doctest.h>

#include "engine_fixture.h"

namespace berth::engine {

TEST_CASE("a known connection is as the catalog has it now, whoever changed it") {
  test::EngineFixture world;
  const auto conversation = world.Talk();
  const auto say = [&](const std::string& sql) {
    const auto done = conversation->Execute(sql, {}, Deadline::Never());
    if (!done.ok()) FAIL(done.error().message);
  };
  const auto find = [&](std::string_view name) {
    return world.known_connections.Find(name, Deadline::Never()).value().is;
  };
  CHECK(find("wh") == nullptr);
  say(test::kCreateWh);
  const auto first = find("wh");
  REQUIRE(first != nullptr);
  CHECK(first->user_name == "u");
  CHECK(find("wh") == first);  // it is not read again
  CHECK(find("WH") == nullptr);

  say("ALTER REDSHIFT CONNECTION wh SET USER_NAME = 'v'");
  REQUIRE(find("wh") != nullptr);
  CHECK(find("wh")->user_name == "v");
  CHECK(first->user_name == "u");
  say("DROP REDSHIFT CONNECTION wh");
  CHECK(find("wh") == nullptr);
}

}  // namespace berth::engine
