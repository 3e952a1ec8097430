#include "bench/pool/peers.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/pool/stub.h"
#include "bench/report.h"

namespace berth::bench {
namespace {

constexpr const char* kPgBench = "/usr/lib/postgresql/15/bin/pgbench";
constexpr int kReadyTries = 200;
constexpr std::chrono::milliseconds kReadyWait{50};

std::string Needed(const char* name) {
  const std::string value = Variable(name);
  if (value.empty()) throw std::runtime_error(fmt::format("{} is not set: start this by ./dev bench pool", name));
  return value;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = Loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool Listens(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = Loopback(port);
  const bool listens = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return listens;
}

}  // namespace

PoolWorld::PoolWorld() {
  const std::string hba = server_.Psql("show hba_file");
  server_.Psql("copy (select 'host all all 127.0.0.1/32 trust') to '" + hba.substr(0, hba.find('\n')) + "'");
  server_.Psql("select pg_reload_conf()");
  ::chmod(folder_.path().c_str(), 0755);  // PgBouncer reads its settings there as another user
  std::ofstream(File("select.sql")) << "\\set one 1\nSELECT :one::int4;\n";
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
  for (int i = 0; !Listens(port_); ++i) {
    if (i == kReadyTries) throw std::runtime_error("PgBouncer does not come up");
    Hold(kReadyWait);
  }
}

double PgBench(const PoolWorld& world, const std::string& mode, int clients, int port) {
  const auto& server = world.server();
  const std::string output =
      OutputOf({kPgBench, "-n", "-M", mode, "-f", world.File("select.sql"), "-c", std::to_string(clients), "-j",
                std::to_string(clients > 1 ? 2 : 1), "-T", "1", "-h", server.host(), "-p", std::to_string(port), "-U",
                server.user(), server.database()},
               {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
  constexpr std::string_view kTps = "tps = ";
  const auto at = output.find(kTps);
  if (at == std::string::npos) throw std::runtime_error("pgbench failed: " + output);
  return 1e6 / std::stod(output.substr(at + kTps.size()));
}

}  // namespace berth::bench
