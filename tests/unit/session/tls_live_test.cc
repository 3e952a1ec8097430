#include <filesystem>
#include <fstream>

#include "live.h"

namespace berth::session::live {
namespace {

// A server with TLS, whose certificates it makes itself (openssl) in its own data folder: by an authority of its own
// for "localhost", for another name, and one that has expired.
class TlsServer {
 public:
  TlsServer() {
    Shell(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=berth-test-authority");
    Issue("good", "localhost", "-days 30");
    Issue("other", "elsewhere.invalid", "-days 30");
    Issue("old", "localhost", "-days -1");
    std::ofstream(roots()) << server_.Psql("select pg_read_file('ca.crt')");
  }
  void Use(const std::string& certificate) {
    server_.Psql("alter system set ssl_cert_file = '" + certificate + ".crt'");
    server_.Psql("alter system set ssl_key_file = '" + certificate + ".key'");
    server_.Psql("alter system set ssl = on");
    server_.Stop();
    server_.Start();
  }
  std::string roots() const { return folder_ / "roots.crt"; }
  ConnectParams Login(const std::string& sslmode, const std::string& sslrootcert) const {
    auto params = Params(server_);
    params.host = "localhost";
    params.port = server_.server_port();  // the proxy with Redshift's manners speaks no TLS
    params.sslmode = sslmode;
    params.sslrootcert = sslrootcert;
    return params;
  }

 private:
  void Shell(const std::string& command) { server_.Psql("copy (select) to program '" + command + "'"); }
  void Issue(const std::string& name, const std::string& host, const std::string& days) {
    Shell("openssl req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + host);
    Shell("openssl x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -out " + name + ".crt " +
          days);
  }

  test::TempPostgres server_;
  test::TempDir folder_;
};

TlsServer& Tls() {
  static TlsServer server;
  return server;
}

Error Refused(const ConnectParams& params) {
  auto session = Factory().Open(params, Soon());
  REQUIRE(!session.ok());
  CHECK(session.error().code == ErrorCode::kUnavailable);
  CHECK(session.error().message.starts_with("no TLS with localhost:"));
  return session.error();
}

TEST_CASE("a certificate that is right") {
  Tls().Use("good");
  for (const char* mode : {"verify-full", "verify-ca", "require", "prefer"}) {
    CAPTURE(mode);
    auto session = Open(Tls().Login(mode, Tls().roots()));
    CHECK(session->server().tls);
    CHECK(Good(*session, "select ssl from pg_stat_ssl where pid = pg_backend_pid()") == "t\n[SELECT 1]");
  }
  CHECK(Open(Tls().Login("require", ""))->server().tls);
  CHECK_FALSE(Open(Tls().Login("disable", ""))->server().tls);
}

TEST_CASE("an authority that is not known") {
  Tls().Use("good");
  const Error error = Refused(Tls().Login("verify-full", ""));
  CHECK(error.message.find("verify failed") != std::string::npos);
  CHECK(error.hint.find("/etc/ssl/certs/ca-certificates.crt") != std::string::npos);
  const Error missing = Refused(Tls().Login("verify-ca", "/no/such/file"));
  CHECK(missing.hint.find("/no/such/file") != std::string::npos);
}

TEST_CASE("another host's certificate") {
  Tls().Use("other");
  const Error error = Refused(Tls().Login("verify-full", Tls().roots()));
  CHECK(error.message.find("elsewhere.invalid") != std::string::npos);
  CHECK(Open(Tls().Login("verify-ca", Tls().roots()))->server().tls);
}

TEST_CASE("an expired certificate") {
  Tls().Use("old");
  const Error error = Refused(Tls().Login("verify-full", Tls().roots()));
  CHECK(error.message.find("verify failed") != std::string::npos);
  CHECK(error.hint.find("expired") != std::string::npos);
  CHECK(error.hint.find(Tls().roots()) != std::string::npos);
  CHECK(Open(Tls().Login("require", ""))->server().tls);
}

TEST_CASE("everything else works the same through TLS") {
  Tls().Use("good");
  auto session = Open(Tls().Login("verify-full", Tls().roots()));
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
  auto other = Open(Tls().Login("verify-full", Tls().roots()));
  Good(*other, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'tls-gone'");
  CHECK_FALSE(session->LooksAlive());
  for (int i = 0; i < 20; ++i) {
    auto params = Tls().Login("verify-full", Tls().roots());
    params.application_name = "tls-close";
    Open(params).reset();
    REQUIRE(Good(*other, "select count(*) from pg_stat_activity where application_name = 'tls-close'") ==
            "0\n[SELECT 1]");
  }
}

}  // namespace
}  // namespace berth::session::live
