#include "bench/pool/peers.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/ports.h"
#include "bench/report.h"

namespace berth::bench {
namespace {

std::string Needed(const char* name) {
  const std::string value = Variable(name);
  if (value.empty()) throw std::runtime_error(fmt::format("{} is not set: start this by ./dev bench pool", name));
  return value;
}

}  // namespace

PoolWorld::PoolWorld() {
  const std::string hba = server_.Psql("show hba_file");
  server_.Psql("copy (select 'host all all 127.0.0.1/32 trust') to '" + hba.substr(0, hba.find('\n')) + "'");
  server_.Psql("select pg_reload_conf()");
  ::chmod(folder_.path().c_str(), 0755);  // PgBouncer reads its settings there as another user
}

std::unique_ptr<Measurer> StartJava(const std::string& pool, const PoolWorld& world) {
  const auto& server = world.server();
  const std::string jars = "/usr/share/java/";
  const std::string path = Needed("BERTH_BENCH_JAVA") + ":" + jars + "HikariCP.jar:" + jars +
                           "tomcat9-jdbc.jar:" + jars + "tomcat9-juli.jar:" + jars + "postgresql.jar:" + jars +
                           "slf4j-api.jar:" + jars + "slf4j-nop.jar";
  const std::string url = fmt::format("jdbc:postgresql://{}:{}/{}?user={}&password=unused", server.host(),
                                      server.port(), server.database(), server.user());
  return std::make_unique<Measurer>(
      std::vector<std::string>{"/usr/bin/java", "-Xms512m", "-Xmx512m", "-cp", path, "Peers", pool, url},
      std::vector<std::string>{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
}

std::unique_ptr<Measurer> StartNode(int sessions, const PoolWorld& world) {
  const auto& server = world.server();
  const std::string url =
      fmt::format("postgresql://{}:unused@{}:{}/{}", server.user(), server.host(), server.port(), server.database());
  return std::make_unique<Measurer>(
      std::vector<std::string>{Needed("BERTH_BENCH_NODE_PROGRAM"), Needed("BERTH_BENCH_NODE") + "/peers.mjs", url,
                               std::to_string(sessions)},
      std::vector<std::string>{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
}

std::vector<double> Ask(Measurer& peer, const std::string& request) {
  std::istringstream answer(peer.Ask(request));
  std::vector<double> numbers;
  for (double number = 0; answer >> number;) numbers.push_back(number);
  return numbers;
}

PgBouncer::PgBouncer(const PoolWorld& world) : port_(FreePort()) {
  const auto& server = world.server();
  const std::string settings = world.File("pgbouncer.ini");
  std::ofstream(settings) << fmt::format(
      "[databases]\n{0} = host={1} port={2} dbname={0} user={3}\n"
      "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {4}\nunix_socket_dir =\nauth_type = any\n"
      "pool_mode = transaction\ndefault_pool_size = 8\nlog_connections = 0\nlog_disconnections = 0\n",
      server.database(), server.host(), server.port(), server.user(), port_);
  std::vector<std::string> words{"/usr/sbin/pgbouncer", "-q"};
  if (::geteuid() == 0) words.insert(words.end(), {"-u", "postgres"});  // it refuses root
  words.push_back(settings);
  daemon_ = std::make_unique<Daemon>(words);
  AwaitListener(port_, "PgBouncer");
}

}  // namespace berth::bench
