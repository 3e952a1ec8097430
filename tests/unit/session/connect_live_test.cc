#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "live.h"
#include "support/fake_server.h"

namespace berth::session::live {
namespace {

Error Refused(const ConnectParams& params, Deadline deadline = Soon()) {
  auto session = Factory().Open(params, deadline, nullptr);
  REQUIRE(!session.ok());
  const Error& error = session.error();
  CHECK((error.message + error.detail + error.hint).find(std::string(params.password.Reveal())) == std::string::npos);
  return error;
}

// Sets variables for a scope.
class Variables {
 public:
  explicit Variables(std::vector<std::pair<const char*, std::string>> values) {
    for (const auto& [name, value] : values) {
      const char* old = ::getenv(name);
      before_.emplace_back(name, old != nullptr ? std::optional<std::string>(old) : std::nullopt);
      ::setenv(name, value.c_str(), 1);
    }
  }
  ~Variables() {
    for (const auto& [name, value] : before_) {
      value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
    }
  }

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST_CASE("what the session is like") {
  auto params = Params();
  params.search_path = "Sales, \"Na me\"";
  auto session = Open(params);
  CHECK(session->server().version / 10'000 == (Redshift() ? 8 : 15));
  CHECK(session->server().redshift == Redshift());
  CHECK_FALSE(session->server().tls);
  CHECK(session->backslash_escapes() == Redshift());
  CHECK(Good(*session, "select pg_backend_pid()") == std::to_string(session->server().backend_pid) + "\n[SELECT 1]");
  CHECK(session->server().cancel_key != 0);
  const auto show = [&](const std::string& name) {
    const std::string text = Good(*session, "show " + name);
    return text.substr(0, text.find('\n'));
  };
  CHECK(show("application_name") == "berth-test");
  CHECK(show("client_encoding") == "UTF8");
  CHECK(show("extra_float_digits") == "2");
  CHECK(show("search_path") == "sales, \"Na me\"");
  CHECK(session->stain() == Stain::kNone);
  if (Redshift()) {  // has neither setting
    CHECK(Bad(*session, "show client_connection_check_interval").Sqlstate() == "42704");
    CHECK(Bad(*session, "set standard_conforming_strings = on").Sqlstate() == "42704");
    CHECK(session->backslash_escapes());
    return;
  }
  CHECK(show("client_connection_check_interval") == "5s");
  Good(*session, "set standard_conforming_strings = off");
  CHECK(session->backslash_escapes());
}

TEST_CASE("no variable and no file has a say") {
  const test::TempDir home;
  std::filesystem::create_directory(home.path() / ".postgresql");
  for (const char* name : {".pgpass", ".pg_service.conf", ".postgresql/root.crt", ".postgresql/postgresql.crt",
                           ".postgresql/postgresql.key", ".postgresql/root.crl"}) {
    std::ofstream(home / name) << "nonsense\n";
    std::filesystem::permissions(home / name, std::filesystem::perms::owner_read);
  }
  const Variables nonsense({{"HOME", home.path().string()},
                            {"PGHOST", "nonsense.invalid"},
                            {"PGHOSTADDR", "192.0.2.1"},
                            {"PGPORT", "1"},
                            {"PGDATABASE", "nonsense"},
                            {"PGUSER", "nonsense"},
                            {"PGPASSWORD", "nonsense"},
                            {"PGPASSFILE", home / ".pgpass"},
                            {"PGSERVICE", "nonsense"},
                            {"PGSERVICEFILE", "/nonsense"},
                            {"PGOPTIONS", "-c work_mem=nonsense"},
                            {"PGAPPNAME", "nonsense"},
                            {"PGSSLMODE", "verify-full"},
                            {"PGREQUIRESSL", "1"},
                            {"PGSSLCERT", "/nonsense"},
                            {"PGSSLKEY", "/nonsense"},
                            {"PGSSLROOTCERT", "/nonsense"},
                            {"PGSSLCRL", "/nonsense"},
                            {"PGSSLCRLDIR", "/nonsense"},
                            {"PGSSLCOMPRESSION", "nonsense"},
                            {"PGSSLSNI", "nonsense"},
                            {"PGSSLMINPROTOCOLVERSION", "nonsense"},
                            {"PGSSLMAXPROTOCOLVERSION", "nonsense"},
                            {"PGREQUIREPEER", "nonsense"},
                            {"PGCHANNELBINDING", "require"},
                            {"PGGSSENCMODE", "require"},
                            {"PGKRBSRVNAME", "nonsense"},
                            {"PGGSSLIB", "nonsense"},
                            {"PGCONNECT_TIMEOUT", "nonsense"},
                            {"PGCLIENTENCODING", "nonsense"},
                            {"PGDATESTYLE", "nonsense"},
                            {"PGTZ", "nonsense"},
                            {"PGGEQO", "nonsense"},
                            {"PGTARGETSESSIONATTRS", "standby"}});
  const auto factory = MakeLibpqFactory(RealClock());
  auto params = Params();
  params.application_name.clear();
  auto session = factory->Open(params, Soon(), nullptr);
  REQUIRE_MESSAGE(session.ok(), session.error().message);
  CHECK(Good(*session.value(),
             "select current_user, current_database(), current_setting('application_name'), "
             "current_setting('client_encoding'), current_setting('timezone')") == "berth|dev||UTF8|UTC\n[SELECT 1]");
  params.password = Secret();
  auto without = factory->Open(params, Soon(), nullptr);
  REQUIRE(!without.ok());
  CHECK(without.error().message.find("has none") != std::string::npos);
}

TEST_CASE("logins that the server refuses") {
  SUBCASE("wrong password") {
    auto params = Params();
    params.password = Secret("wrong-secret-7");
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnauthenticated);
    CHECK(error.Sqlstate() == "28P01");
  }
  SUBCASE("unknown database") {
    auto params = Params();
    params.database = "nowhere";
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.Sqlstate() == "3D000");
    CHECK(error.message.find("nowhere") != std::string::npos);
  }
  SUBCASE("a role with no room left") {
    Server().Psql("drop role if exists narrow; create role narrow login connection limit 1 password 'narrow-secret-1'");
    auto params = Params();
    params.user = "narrow";
    params.password = Secret("narrow-secret-1");
    auto first = Open(params);
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kResourceExhausted);
    CHECK(error.Sqlstate() == "53300");
    first.reset();
    first = Open(params);
  }
  SUBCASE("no TLS where it must be") {
    auto params = Params();
    params.sslmode = "require";
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.Sqlstate() == "08001");
    CHECK(error.hint.find("ssl=false") != std::string::npos);
  }
}

TEST_CASE("parameters that cannot be") {
  auto params = Params();
  params.sslmode = "sometimes";
  CHECK(Refused(params).code == ErrorCode::kInvalidArgument);
  params = Params();
  params.database = std::string("a\0b", 3);
  CHECK(Refused(params).code == ErrorCode::kInvalidArgument);
  params = Params();
  params.user.clear();
  CHECK(Refused(params).code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a port where nothing listens, a name that is none") {
  auto params = Params();
  {
    const test::FakeServer gone([](test::FakePeer&, int) {});
    params.port = gone.port();
  }
  const Error refused = Refused(params);
  CHECK(refused.code == ErrorCode::kUnavailable);
  CHECK(refused.message.find("127.0.0.1:" + std::to_string(params.port)) != std::string::npos);
  CHECK(refused.message.find("refused") != std::string::npos);
  params.host = "no such host";
  const Error unknown = Refused(params);
  CHECK(unknown.code == ErrorCode::kUnavailable);
  CHECK(unknown.message.find("does not resolve") != std::string::npos);
}

TEST_CASE("a name with several addresses is tried address by address") {
  auto params = Params();
  params.host = "localhost";  // ::1 first where the machine has it; the server listens on 127.0.0.1 only
  CHECK(Good(*Open(params), "select 1") == "1\n[SELECT 1]");
}

TEST_CASE("a server that accepts and says nothing") {
  const test::FakeServer mute([](test::FakePeer& peer, int) { peer.AwaitHangUp(); });
  auto params = Params();
  params.port = mute.port();
  const auto started = RealClock().Now();
  SUBCASE("the caller's deadline") {
    const Error error = Refused(params, In(100));
    CHECK(error.code == ErrorCode::kDeadlineExceeded);
    CHECK(error.message.find("the caller's deadline") != std::string::npos);
  }
  SUBCASE("CONNECT_TIMEOUT") {
    params.connect_timeout = std::chrono::milliseconds(100);
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.message.find("CONNECT_TIMEOUT of 100 ms") != std::string::npos);
  }
  SUBCASE("in the TLS handshake") {
    params.sslmode = "require";
    CHECK(Refused(params, In(100)).code == ErrorCode::kDeadlineExceeded);
  }
  CHECK(RealClock().Now() - started < std::chrono::seconds(2));
}

TEST_CASE("a machine that does not answer at all") {
  // A listener whose queue is full drops what comes, as a firewall does.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listener, plain, size) == 0);
  REQUIRE(::listen(listener, 0) == 0);
  REQUIRE(::getsockname(listener, plain, &size) == 0);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int ignored = ::connect(fillers.back(), plain, size);
  }
  auto params = Params();
  params.port = ntohs(address.sin_port);
  const auto started = RealClock().Now();
  CHECK(Refused(params, In(100)).code == ErrorCode::kDeadlineExceeded);
  CHECK(RealClock().Now() - started < std::chrono::seconds(2));
  for (const int fd : fillers) ::close(fd);
  ::close(listener);
}

TEST_CASE("a login that stops half-way") {
  auto params = Params();
  SUBCASE("the server hangs up at once") {
    const test::FakeServer rude([](test::FakePeer& peer, int) { peer.Startup(); });
    params.port = rude.port();
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.message.find("cannot reach") != std::string::npos);
  }
  SUBCASE("accepted, then deaf") {
    const test::FakeServer deaf([](test::FakePeer& peer, int) {
      peer.Startup();
      peer.Welcome("15.5");
      peer.AwaitHangUp();
    });
    params.port = deaf.port();
    const auto started = RealClock().Now();
    CHECK(Refused(params, In(200)).code == ErrorCode::kDeadlineExceeded);
    CHECK(RealClock().Now() - started < std::chrono::seconds(2));
  }
  SUBCASE("authentication method 13") {
    const test::FakeServer digest([](test::FakePeer& peer, int) {
      peer.Startup();
      peer.Say('R', std::string("\0\0\0\x0d", 4));
      peer.AwaitHangUp();
    });
    params.port = digest.port();
    const Error error = Refused(params);
    CHECK(error.code == ErrorCode::kUnauthenticated);
    CHECK(error.message.find("method 13") != std::string::npos);
    CHECK(error.hint.find("md5") != std::string::npos);
  }
}

}  // namespace
}  // namespace berth::session::live
