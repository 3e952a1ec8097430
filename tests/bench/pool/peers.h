#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/program.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

// The other side of the pool's benchmark: programs that answer a line with numbers, pgbench, PgBouncer.
namespace berth::bench {

// A server of its own to which logins need no password.
class PoolWorld {
 public:
  PoolWorld();
  const test::TempPostgres& server() const { return server_; }
  std::string File(const std::string& name) const { return folder_ / name; }

 private:
  test::TempPostgres server_;
  test::TempDir folder_;
};

// HikariCP ("hikari") or Tomcat's pool ("tomcat") on pgjdbc: see Peers.java.
std::unique_ptr<Measurer> StartJava(const std::string& pool, const PoolWorld& world);
// node's pg-pool with as many sessions as tasks: see peers.mjs.
std::unique_ptr<Measurer> StartNode(int sessions, const PoolWorld& world);
std::vector<double> Ask(Measurer& peer, const std::string& request);

// PgBouncer in transaction mode before the world's server.
class PgBouncer {
 public:
  explicit PgBouncer(const PoolWorld& world);
  int port() const { return port_; }

 private:
  const int port_;
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace berth::bench
