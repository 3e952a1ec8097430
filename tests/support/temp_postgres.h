#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/temp_dir.h"

namespace berth::test {

// A private PostgreSQL 15 server: own data folder, loopback, a free port, SCRAM passwords (md5 ones log in as well).
// Started once a process, at the first Shared(), and stopped when the process ends (also when it dies: the server is
// told to go with its parent). As root it runs as the user postgres, because the server refuses root. With
// BERTH_TEST_MANNERS=redshift in the environment a RedshiftProxy stands before it.
class TempPostgres {
 public:
  // Fails the test with the reason if no server can be had; it never skips.
  static TempPostgres& Shared();
  TempPostgres();
  ~TempPostgres();
  TempPostgres(const TempPostgres&) = delete;
  TempPostgres& operator=(const TempPostgres&) = delete;

  std::uint16_t port() const;         // the proxy's, where there is one
  std::uint16_t server_port() const;  // PostgreSQL's own
  // Whether who connects to port() meets Redshift's manners.
  static bool HasRedshiftManners();
  std::string host() const { return "127.0.0.1"; }
  std::string user() const { return "berth"; }  // superuser
  std::string password() const { return "pg-secret-1"; }
  std::string database() const { return "dev"; }
  std::string JdbcUrl(const std::string& database = "dev") const;  // with ?ssl=false
  // Runs SQL through psql as the superuser; the output without headers, by | and newline. Throws on an error.
  std::string Psql(const std::string& sql, const std::string& database = "dev") const;
  void Stop();   // immediate: as a crash
  void Start();  // on the same port and data
  std::string LogText() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::test
