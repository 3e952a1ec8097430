#include <atomic>
#include <mutex>

#include "live.h"
#include "session/probe.h"
#include "support/fake_server.h"
#include "support/fault_proxy.h"
#include "support/tls_postgres.h"

namespace berth::session::live {
namespace {

test::TlsPostgres& Tls() {
  static test::TlsPostgres server;
  return server;
}

ConnectParams TlsLogin(const std::string& sslmode, const std::string& sslrootcert) {
  auto params = Params(Tls().server());
  params.host = "localhost";
  params.port = Tls().port();
  params.sslmode = sslmode;
  params.sslrootcert = sslrootcert;
  return params;
}

Error Refused(const ConnectParams& params) {
  auto session = Factory().Open(params, Soon(), nullptr);
  REQUIRE(!session.ok());
  CHECK(session.error().code == ErrorCode::kUnavailable);
  CHECK(session.error().message.starts_with("no TLS with localhost:"));
  return session.error();
}

TEST_CASE("a certificate that is right") {
  Tls().Use("good");
  for (const char* mode : {"verify-full", "verify-ca", "require", "prefer"}) {
    CAPTURE(mode);
    auto session = Open(TlsLogin(mode, Tls().roots()));
    CHECK(session->server().tls);
    CHECK(Good(*session, "select ssl from pg_stat_ssl where pid = pg_backend_pid()") == "t\n[SELECT 1]");
  }
  CHECK(Open(TlsLogin("require", ""))->server().tls);
  CHECK_FALSE(Open(TlsLogin("disable", ""))->server().tls);
}

TEST_CASE("an authority that is not known") {
  Tls().Use("good");
  const Error error = Refused(TlsLogin("verify-full", ""));
  CHECK(error.message.find("verify failed") != std::string::npos);
  CHECK(error.hint.find("/etc/ssl/certs/ca-certificates.crt") != std::string::npos);
  const Error missing = Refused(TlsLogin("verify-ca", "/no/such/file"));
  CHECK(missing.message.find("/no/such/file") != std::string::npos);
}

TEST_CASE("another host's certificate") {
  Tls().Use("other");
  const Error error = Refused(TlsLogin("verify-full", Tls().roots()));
  CHECK(error.message.find("elsewhere.invalid") != std::string::npos);
  CHECK(Open(TlsLogin("verify-ca", Tls().roots()))->server().tls);
}

TEST_CASE("an expired certificate") {
  Tls().Use("old");
  const Error error = Refused(TlsLogin("verify-full", Tls().roots()));
  CHECK(error.message.find("verify failed") != std::string::npos);
  CHECK(error.hint.find("expired") != std::string::npos);
  CHECK(error.hint.find(Tls().roots()) != std::string::npos);
  CHECK(Open(TlsLogin("require", ""))->server().tls);
}

TEST_CASE("TLS is wanted and the server offers none: nothing is said in clear") {
  std::atomic<int> asked{0};
  std::mutex mutex;  // each link is served by a thread of its own
  std::string said;
  const auto params = [](const test::FakeServer& server, const char* mode) {
    auto login = Params();
    login.port = server.port();
    login.sslmode = mode;
    return login;
  };
  for (const char* mode : {"require", "verify-ca", "verify-full"}) {
    CAPTURE(mode);
    const test::FakeServer server([&](test::FakePeer& peer, int) {
      const std::string startup = peer.Startup();  // what follows the "no" to TLS
      const std::lock_guard lock(mutex);
      said += startup;
      ++asked;
    });
    auto session = Factory().Open(params(server, mode), Soon(), nullptr);
    REQUIRE(!session.ok());
    CHECK(session.error().code == ErrorCode::kUnavailable);
    CHECK(session.error().message.find("does not support SSL") != std::string::npos);
    CHECK(session.error().hint.find("?ssl=false") != std::string::npos);
    const ProbeReport report = Probe(params(server, mode), RealClock(), Soon(), nullptr);
    REQUIRE(report.error.has_value());
    CHECK(report.At(ProbeStep::kTls).tried);
    CHECK(report.error->message == session.error().message);
  }
  CHECK(asked >= 6);
  CHECK(said.empty());
}

TEST_CASE("client certificates") {
  Tls().Use("good");
  auto params = TlsLogin("verify-full", Tls().roots());
  params.user = "certuser";
  params.password = Secret();
  auto without = Factory().Open(params, Soon(), nullptr);
  REQUIRE(!without.ok());
  CHECK(without.error().code == ErrorCode::kUnauthenticated);

  params.sslcert = Tls().file("client.crt");
  params.sslkey = Tls().file("client.key");
  CHECK(Good(*Open(params), "select current_user") == "certuser\n[SELECT 1]");

  auto absent = params;
  absent.sslcert = "/no/such/cert";
  CHECK(Refused(absent).message.find("sslcert /no/such/cert cannot be read") != std::string::npos);
  absent = params;
  absent.sslkey = "/no/such/key";
  CHECK(Refused(absent).message.find("sslkey /no/such/key cannot be read") != std::string::npos);
  auto other_key = params;
  other_key.sslkey = Tls().roots();
  CHECK(Refused(other_key).hint.find(Tls().roots()) != std::string::npos);
  std::filesystem::permissions(params.sslkey, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Error open_key = Refused(params);
  CHECK(open_key.message.find("group or world access") != std::string::npos);
  CHECK(open_key.hint.find("0600") != std::string::npos);
  std::filesystem::permissions(params.sslkey, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::remove);
}

TEST_CASE("a root file that is named is used, or there is no session") {
  Tls().Use("good");
  for (const char* mode : {"require", "prefer", "verify-ca", "verify-full"}) {
    CAPTURE(mode);
    CHECK(Refused(TlsLogin(mode, "/no/such/file")).message.find("sslrootcert /no/such/file") != std::string::npos);
  }
  // "require" with a root file checks the authority, as libpq and the driver do.
  Tls().Use("other");
  CHECK(Open(TlsLogin("require", Tls().roots()))->server().tls);
}

TEST_CASE("the way to the server is probed without a login") {
  Tls().Use("good");
  const auto probe = [](const char* mode, const std::string& roots) {
    return Probe(TlsLogin(mode, roots), RealClock(), Soon(), nullptr);
  };
  const std::string log = Tls().server().LogText();
  ProbeReport report = probe("verify-full", Tls().roots());
  REQUIRE(!report.error);
  CHECK(report.tls.protocol.starts_with("TLSv1."));
  CHECK(report.tls.subject == "CN = localhost");
  CHECK(report.tls.issuer == "CN = berth-test-authority");
  CHECK(report.tls.expires.ends_with(" UTC"));
  CHECK_FALSE(report.tls.expired);
  CHECK(report.At(ProbeStep::kResolve).detail.find("127.0.0.1") != std::string::npos);
  CHECK(report.At(ProbeStep::kTcp).detail == "127.0.0.1 port " + std::to_string(TlsLogin("prefer", "").port));

  report = probe("verify-full", "");
  REQUIRE(report.error.has_value());
  CHECK(report.error->hint.find("ca-certificates.crt") != std::string::npos);
  CHECK(report.tls.issuer == "CN = berth-test-authority");
  CHECK(report.At(ProbeStep::kTls).detail.find("issued by CN = berth-test-authority") != std::string::npos);

  report = probe("disable", "");
  CHECK(!report.error);
  CHECK_FALSE(report.At(ProbeStep::kTls).tried);
  CHECK(Tls().server().LogText().substr(log.size()).find("FATAL") == std::string::npos);

  Tls().Use("other");
  report = probe("verify-full", Tls().roots());
  REQUIRE(report.error.has_value());
  CHECK(report.tls.subject == "CN = elsewhere.invalid");
  Tls().Use("old");
  report = probe("verify-full", Tls().roots());
  REQUIRE(report.error.has_value());
  CHECK(report.tls.expired);
  CHECK(report.error->hint.starts_with("The server's certificate has expired ("));
  CHECK(report.error->hint.find(Tls().roots()) != std::string::npos);
}

TEST_CASE("TLS that is cut off or falls silent") {
  Tls().Use("good");
  using test::Fault;
  test::FaultProxy proxy(Tls().server().server_port());
  auto params = TlsLogin("verify-full", Tls().roots());
  params.port = proxy.port();
  for (const auto way : {Fault::Way::kToServer, Fault::Way::kToClient}) {
    bool opened = false;
    std::size_t failed = 0;
    for (std::size_t at = 0; at < 6'000 && !opened; at += at < 16 ? 7 : 203) {
      CAPTURE(at);
      proxy.OnNewLinks({.kind = Fault::Kind::kDrop, .way = way, .after = at});
      auto session = Factory().Open(params, Soon(), nullptr);
      opened = session.ok();
      if (opened) continue;
      ++failed;
      CHECK(session.error().code == ErrorCode::kUnavailable);
      CHECK(session.error().message.find("localhost:") != std::string::npos);
    }
    CHECK(opened);
    CHECK(failed >= 4);
  }
  proxy.OnNewLinks({.kind = Fault::Kind::kStall, .way = Fault::Way::kToClient, .after = 0});
  params.connect_timeout = std::chrono::milliseconds(300);
  auto silent = Factory().Open(params, Soon(), nullptr);
  REQUIRE(!silent.ok());
  CHECK(silent.error().message.starts_with("no TLS handshake with localhost:"));
  const ProbeReport report = Probe(params, RealClock(), Soon(), nullptr);
  REQUIRE(report.error.has_value());
  CHECK(report.At(ProbeStep::kTls).tried);
  CHECK(report.error->message == silent.error().message);

  proxy.OnNewLinks({});
  params.connect_timeout = std::chrono::seconds(10);
  auto session = Open(params);
  proxy.OnOpenLinks({.kind = Fault::Kind::kDrop, .way = Fault::Way::kToClient, .after = 50'000});
  const Error lost = Bad(*session, "select generate_series(1, 10000), repeat('x', 100)");
  CHECK(lost.code == ErrorCode::kSessionLost);
  CHECK_FALSE(lost.in_doubt);
}

TEST_CASE("everything else works the same through TLS") {
  Tls().Use("good");
  auto session = Open(TlsLogin("verify-full", Tls().roots()));
  CHECK(session->LooksAlive());
  auto outcome = session->Execute("select i, repeat('x', i % 20000) from generate_series(1, 3000) i", {}, Soon());
  REQUIRE(outcome.ok());
  std::size_t bytes = 0;
  for (;;) {
    auto row = outcome.value()->Next();
    REQUIRE(row.ok());
    if (!row.value()) break;
    bytes += (*row.value())[1]->size();
  }
  CHECK(bytes == 3000 * 3001 / 2);
  outcome.value().reset();
  CHECK(session->LooksAlive());
  CHECK(Bad(*session, "select pg_sleep(60)", {}, In(100)).code == ErrorCode::kDeadlineExceeded);
  CHECK(Bad(*session, "copy (select 1) to stdout").code == ErrorCode::kNotSupported);
  CHECK(session->Ping(Soon()).ok());
  CHECK(session->LooksAlive());
  auto dropped = session->Execute("select generate_series(1, 100000000), repeat('x', 100)", {}, Soon());
  REQUIRE(dropped.ok());
  dropped.value().reset();
  CHECK(session->state() == SessionState::kIdle);
  Good(*session, "set application_name = 'tls-gone'");
  auto other = Open(TlsLogin("verify-full", Tls().roots()));
  Good(*other, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'tls-gone'");
  CHECK_FALSE(session->LooksAlive());
  for (int i = 0; i < 20; ++i) {
    auto params = TlsLogin("verify-full", Tls().roots());
    params.application_name = "tls-close";
    Open(params).reset();
    REQUIRE(Good(*other, "select count(*) from pg_stat_activity where application_name = 'tls-close'") ==
            "0\n[SELECT 1]");
  }
}

}  // namespace
}  // namespace berth::session::live
