#pragma once

#include <string>

#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::test {

// A server with TLS, whose certificates it makes itself (openssl) in its own data folder, by an authority of its own
// ("berth-test-authority"): "good" for localhost, "other" for another name, "old", which has expired. Its role certuser
// logs in with the client's certificate.
class TlsPostgres {
 public:
  TlsPostgres();
  // Restarts the server with that certificate; before the first call it has no TLS.
  void Use(const std::string& certificate);

  std::string roots() const { return folder_ / "roots.crt"; }
  std::string file(const char* name) const { return folder_ / name; }  // client.crt, client.key
  const TempPostgres& server() const { return server_; }
  std::uint16_t port() const { return server_.server_port(); }  // the proxy with Redshift's manners speaks no TLS

 private:
  void Shell(const std::string& command);
  void Take(const std::string& theirs, const std::string& ours);
  void Issue(const std::string& name, const std::string& host, const std::string& days);

  TempPostgres server_;
  TempDir folder_;
};

}  // namespace berth::test
