#include "bench/dataapi/service_world.h"

#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bench/ports.h"
#include "bench/report.h"

namespace berth::bench {
namespace {

namespace fs = std::filesystem;

// Of a new user who may use the connection.
test::DataKey MakeKey(Engine& engine, const std::string& user) {
  test::DataKey key;
  for (const auto& sql : {"CREATE SERVICE USER " + user, "GRANT USAGE ON CONNECTION bench TO SERVICE USER " + user,
                          "CREATE ACCESS KEY FOR " + user}) {
    const auto done = engine.Execute(sql, "", {}, Deadline::Never());
    if (!done.ok()) throw std::runtime_error(done.error().message);
    const auto row = done.value()->Next();
    if (!row.ok()) throw std::runtime_error(row.error().message);
    if (row.value()) key = {.id = std::string(*(*row.value())[0]), .secret = std::string(*(*row.value())[1])};
  }
  return key;
}

}  // namespace

Serving::Serving(const World& world, std::vector<std::string> options) {
  // One slot of a cap above 1 is left to others.
  const auto engine = world.OpenEngine();
  const auto altered =
      engine->Execute(fmt::format("ALTER REDSHIFT CONNECTION bench SET MAX_CONCURRENT_CONNECTIONS = {}", kSessions + 1),
                      "", {}, Deadline::Never());
  if (!altered.ok()) throw std::runtime_error(altered.error().message);
  const int port = FreePort();
  key_ = MakeKey(*engine, fmt::format("bench_{}", port));
  port_ = static_cast<std::uint16_t>(port);
  std::vector<std::string> words{"/usr/bin/env"};
  for (const auto& variable : world.Environment()) words.push_back(variable);
  words.insert(words.end(),
               {BERTH_PROGRAM, "serve", "--data", folder_ / "data", "--listen", fmt::format("127.0.0.1:{}", port)});
  words.insert(words.end(), options.begin(), options.end());
  daemon_ = std::make_unique<Daemon>(words);
  AwaitListener(port, "berth serve");
}

std::string Serving::LargestResult() const {
  std::string largest;
  std::uintmax_t most = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "data/results")) {
    if (entry.file_size() <= most) continue;
    most = entry.file_size();
    largest = entry.path().string();
  }
  return largest;
}

double Serving::ResidentMib() const {
  std::ifstream status(fmt::format("/proc/{}/status", daemon_->pid()));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  throw std::runtime_error("berth serve is gone");
}

double Serving::CpuSeconds() const {
  std::ifstream stat(fmt::format("/proc/{}/stat", daemon_->pid()));
  std::string word;
  for (int i = 0; i < 13; ++i) stat >> word;  // its name has no space
  double user = 0;
  double system = 0;
  stat >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

NodeService StartNodeService(const World& world) {
  const auto& server = world.server();
  const auto program = Variable("BERTH_BENCH_NODE_PROGRAM");
  const auto folder = Variable("BERTH_BENCH_NODE");
  if (program.empty() || folder.empty())
    throw std::runtime_error("node is not there: start this by ./dev bench dataapi");
  NodeService service;
  service.process =
      std::make_unique<Measurer>(std::vector<std::string>{program, folder + "/service.mjs",
                                                          fmt::format("postgresql://{}:unused@{}:{}/{}", server.user(),
                                                                      server.host(), server.port(), server.database()),
                                                          std::to_string(Serving::kSessions)},
                                 std::vector<std::string>{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
  service.port = static_cast<std::uint16_t>(service.process->Measure());
  return service;
}

}  // namespace berth::bench
