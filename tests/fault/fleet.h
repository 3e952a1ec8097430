#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace berth::test {

// What a worker told when it ended.
struct WorkerReport {
  int least = 0, most = 0;  // statements of one thread
  long total = 0;
  std::string errors;  // a line each
};

// Workers on one catalog and one connection, each a process. Those that run when it dies are killed.
class Fleet {
 public:
  Fleet(std::string folder, std::string connection, int threads)
      : folder_(std::move(folder)), connection_(std::move(connection)), threads_(threads) {}
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

  const std::string folder_, connection_;
  const int threads_;
  std::vector<Worker> workers_;
};

}  // namespace berth::test
