#pragma once

#include <fmt/core.h>
#include <poll.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "berth/engine.h"
#include "observer.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

// With BERTH_SOAK=1 in the environment the whole fleet for 30 s a case; else less of both.
bool Soaking();
milliseconds Duration();
std::size_t Processes();
int Threads();

// What a worker told when it ended.
struct WorkerReport {
  int least = 0, most = 0;  // statements of one thread
  long total = 0;
  long failed = 0;
  int late = 0;        // that ended well after their deadline
  std::string errors;  // a line each
};

// Workers on one catalog, each a process; their threads use the connections ("a,b") in turn. Those that run when it
// dies are killed.
class Fleet {
 public:
  Fleet(std::string folder, std::string connections, std::string sql)
      : folder_(std::move(folder)), connections_(std::move(connections)), sql_(std::move(sql)) {}
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  void Start();
  void Signal(std::size_t worker, int number) const;
  void Replace(std::size_t worker);  // kill -9, and a new one
  // Ends all and hears what they tell.
  std::vector<WorkerReport> Finish();

 private:
  struct Worker {
    pid_t pid = 0;
    int input = -1, output = -1;
  };
  Worker Launch() const;

  const std::string folder_, connections_, sql_;
  std::vector<Worker> workers_;
};

struct FaultOptions {
  std::string role;
  int limit = 7;                    // the role's CONNECTION LIMIT: the server is the judge
  int cap = 7;                      // MAX_CONCURRENT_CONNECTIONS
  std::uint16_t port = 0;           // where the workers connect to; 0: the server
  std::string connections = "etl";  // several: in a group of this cap
  std::string sql = "SELECT pg_sleep(0.002)";
  bool start = true;  // the workers
};

// Connections on a role, an engine on their catalog, and a fleet of other processes.
struct FaultFixture {
  explicit FaultFixture(FaultOptions given);
  void Run(const std::string& sql) const;
  int Refused() const;  // logins, for lack of room, by the server's log
  // Calls `event` every `interval` for the case's duration, and looks at the server's count every 5 ms. The most.
  template <class Event>
  int Watch(milliseconds interval, const Event& event) {
    int most = 0;
    const Deadline end = Deadline::After(Clock::System(), Duration());
    while (!end.Passed(Clock::System())) {
      const Deadline next = Deadline::After(Clock::System(), interval);
      do {
        most = std::max(most, observer.Count());
        ::poll(nullptr, 0, 5);
      } while (!next.Passed(Clock::System()));
      event();
    }
    return most;
  }
  int WatchOnly() {
    return Watch(milliseconds(500), [] {});
  }
  // All slots can be had again, and none is anybody's.
  void CheckNoneLost(std::size_t cap) const;
  std::unique_ptr<Engine> OpenEngine() const;

  const FaultOptions options;
  TempPostgres& postgres;
  TempDir dir;
  std::unique_ptr<Engine> engine;
  Observer observer;
  Fleet fleet;
};

// Each thread had its turn and ended in time; no refusal for lack of room reached a caller.
void CheckServed(const std::vector<WorkerReport>& reports, bool without_error = true);

}  // namespace berth::test
