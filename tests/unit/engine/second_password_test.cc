#include "engine/second_password.h"

#include <memory>
#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include "support/fake_session.h"

namespace berth::engine {
namespace {

using test::FakeFactory;

// The server behind the factory; what it refuses is scripted.
struct World {
  World() {
    auto inner = std::make_unique<FakeFactory>();
    server = inner.get();
    factory = std::make_unique<SecondPasswordFactory>(std::move(inner));
    params.password = Secret("first");
    params.next_password = Secret("second");
    params.next_accepted = [this] { ++accepted; };
  }
  Result<std::unique_ptr<session::Session>> Open() { return factory->Open(params, Deadline::Never(), nullptr); }

  FakeFactory* server = nullptr;
  std::unique_ptr<SecondPasswordFactory> factory;
  session::ConnectParams params;
  int accepted = 0;
};

Error Refused(const char* message) {
  return {.code = ErrorCode::kUnauthenticated, .message = message, .sqlstate = "28P01"};
}

TEST_CASE("the first password that is taken needs no second") {
  World world;
  CHECK(world.Open().ok());
  CHECK(world.server->params().size() == 1);
  CHECK(world.accepted == 0);
}

TEST_CASE("a second password is tried when the first is refused, and its success is told") {
  World world;
  world.server->ScriptLogin(Refused("one"));
  CHECK(world.Open().ok());
  REQUIRE(world.server->params().size() == 2);
  CHECK(world.server->params()[1].password.Reveal() == "second");
  CHECK(world.accepted == 1);
}

TEST_CASE("where both are refused the error is the first's") {
  World world;
  world.server->ScriptLogin(Refused("one"));
  world.server->ScriptLogin(Refused("two"));
  const auto session = world.Open();
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().message == "one");
  CHECK(world.accepted == 0);
}

TEST_CASE("what is no refusal of the password is no reason for a second try") {
  World world;
  world.server->ScriptLogin(Error{.code = ErrorCode::kUnavailable, .message = "gone"});
  CHECK_FALSE(world.Open().ok());
  CHECK(world.server->params().size() == 1);
  world.params.next_password.reset();
  world.server->ScriptLogin(Refused("one"));
  CHECK_FALSE(world.Open().ok());
  CHECK(world.server->params().size() == 2);
}

}  // namespace
}  // namespace berth::engine
