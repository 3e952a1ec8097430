#include "support/tls_postgres.h"

#include <filesystem>
#include <fstream>

namespace berth::test {

TlsPostgres::TlsPostgres() {
  Shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=berth-test-authority");
  Issue("good", "localhost", "-days 30");
  Issue("other", "elsewhere.invalid", "-days 30");
  Issue("old", "localhost", "-days -1");
  Take("ca.crt", "roots.crt");
  Issue("client", "certuser", "-days 30");
  Take("client.crt", "client.crt");
  Take("client.key", "client.key");
  server_.Psql("create role certuser login");
  server_.Psql("alter system set ssl_ca_file = 'ca.crt'");
  Shell("(echo hostssl all certuser 127.0.0.1/32 cert; cat pg_hba.conf) > hba.new && mv hba.new pg_hba.conf");
  server_.Psql("checkpoint");  // Use() stops the server as a crash does
}

void TlsPostgres::Use(const std::string& certificate) {
  server_.Psql("alter system set ssl_cert_file = '" + certificate + ".crt'");
  server_.Psql("alter system set ssl_key_file = '" + certificate + ".key'");
  server_.Psql("alter system set ssl = on");
  server_.Stop();
  server_.Start();
}

void TlsPostgres::Shell(const std::string& command) {
  server_.Psql("copy (select) to program '" + command + "'");
}

void TlsPostgres::Take(const std::string& theirs, const std::string& ours) {
  std::ofstream(folder_ / ours) << server_.Psql("select pg_read_file('" + theirs + "')");
  std::filesystem::permissions(folder_ / ours, std::filesystem::perms::owner_read);
}

void TlsPostgres::Issue(const std::string& name, const std::string& host, const std::string& days) {
  Shell("openssl req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + host);
  Shell("openssl x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -out " + name + ".crt " +
        days);
}

}  // namespace berth::test
