#pragma once

#include <sched.h>

#include <filesystem>
#include <string>
#include <thread>

namespace berth::bench {

// Keeps all threads that a process has now on one processor. Two processes that take turns over one connection are put
// on the same processor or on two as the kernel happens to see fit, for minutes, and a transfer takes twice as long
// on the same one: who compares two servers gives both the same place. Does nothing where there is one processor.
class Placed {
 public:
  Placed(int pid, int processor) : pid_(pid) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(processor), &one);
    Place(one);
  }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;
  ~Placed() {
    cpu_set_t all;
    CPU_ZERO(&all);
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) CPU_SET(i, &all);
    Place(all);
  }

 private:
  void Place(const cpu_set_t& set) const {
    if (std::thread::hardware_concurrency() < 2) return;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", gone)) {
      ::sched_setaffinity(std::stoi(task.path().filename().string()), sizeof set, &set);
    }
  }
  const int pid_;
};

}  // namespace berth::bench
