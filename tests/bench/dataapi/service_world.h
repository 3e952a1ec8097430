#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/program.h"
#include "bench/world.h"
#include "support/data_client.h"

namespace berth::bench {

// `berth serve` on the world's connection `bench`, of which it uses kSessions, with signed requests.
class Serving {
 public:
  static constexpr int kSessions = 8;
  Serving(const World& world, std::vector<std::string> options);

  std::uint16_t port() const { return port_; }
  test::DataClient Client() const { return test::DataClient(port_, key_); }
  // The largest of the results that are kept; "": there is none.
  std::string LargestResult() const;
  double ResidentMib() const;  // of the process, now
  double CpuSeconds() const;   // that it has used

 private:
  const test::TempDir folder_;
  test::DataKey key_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Daemon> daemon_;
};

// node's service (service.mjs) on as many sessions.
struct NodeService {
  std::unique_ptr<Measurer> process;
  std::uint16_t port = 0;
};
NodeService StartNodeService(const World& world);

}  // namespace berth::bench
