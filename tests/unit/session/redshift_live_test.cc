#include <mutex>

#include "live.h"
#include "support/fake_server.h"

namespace berth::session::live {
namespace {

// Says what Redshift says, and notes what it is asked.
class FakeRedshift {
 public:
  FakeRedshift() : server_([this](test::FakePeer& peer, int) { Talk(peer); }) {}
  std::uint16_t port() const { return server_.port(); }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void Note(std::string text) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(text));
  }
  void Talk(test::FakePeer& peer) {
    Note(peer.Startup());
    peer.Welcome("8.0.2");
    for (;;) {
      auto message = peer.Read();
      if (message.type != 'Q') return;
      message.body.pop_back();
      Note(message.body);
      if (message.body == "SELECT version()") {
        peer.OneText("PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12345");
      } else if (message.body.empty()) {
        peer.Say('I', "");
      } else {
        peer.Complete("SET");
      }
      peer.Ready();
    }
  }

  std::mutex mutex_;
  std::vector<std::string> asked_;
  test::FakeServer server_;  // last: its threads use the rest
};

TEST_CASE("a session with Redshift says only what Redshift knows") {
  FakeRedshift redshift;
  auto params = Params();
  params.port = redshift.port();
  params.query_group = "etl";
  params.search_path = "a";
  auto session = Open(params);
  CHECK(session->server().redshift);
  CHECK(session->server().version == 80'002);
  CHECK(session->server().cancel_key == 99);
  CHECK(session->backslash_escapes());
  const auto asked = redshift.asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].find("client_encoding") != std::string::npos);
  CHECK(asked[0].find("options") == std::string::npos);
  CHECK(asked[1] == "SELECT version()");
  CHECK(asked[2] == "SET extra_float_digits TO 2; SET search_path TO \"a\"; SET query_group TO 'etl'");
  CHECK(session->Ping(Soon()).ok());
  CHECK(Good(*session, "PREPARE p AS SELECT 1") == "[SET]");
  CHECK(session->Reset(Soon()).ok());
  const auto reset = redshift.asked();
  REQUIRE(reset.size() == 7);
  CHECK(reset[5] == "RESET SESSION AUTHORIZATION; RESET ALL; " + asked[2]);
  CHECK(reset[6] == "DEALLOCATE \"p\"");
  session.reset();
}

}  // namespace
}  // namespace berth::session::live
