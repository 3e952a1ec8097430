#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "berth/deadline.h"

namespace berth::shell {

// One line on the terminal while a statement runs: how long, how many rows, how much of a script is done, or what it
// waits for. It comes when the statement has run for kQuietFor and goes before anything else is written. Safe from many
// threads.
class Progress {
 public:
  static constexpr std::chrono::milliseconds kQuietFor{700};
  static constexpr std::chrono::milliseconds kStep{100};

  // Null where standard error is no terminal that can wipe a line. `part_done`: of the script, 0 to 1.
  static std::unique_ptr<Progress> Start(const Clock& clock, std::optional<double> part_done);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Stop(); }

  void Rows(std::size_t rows) { rows_.store(rows, std::memory_order_relaxed); }
  void Waiting(const std::string& what);  // instead of time and rows; empty: no longer
  void Hide();                            // wipes the line; it comes back at the next step
  void Stop();                            // wipes it for good

 private:
  Progress(const Clock& clock, std::optional<double> part_done);
  void Run();
  void Paint() BERTH_REQUIRES(mutex_);
  void Wipe() BERTH_REQUIRES(mutex_);

  const Clock& clock_;
  const Clock::Steady began_;
  const std::optional<double> part_done_;
  std::atomic<std::size_t> rows_ = 0;
  base::Mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ BERTH_GUARDED_BY(mutex_) = false;
  bool shown_ BERTH_GUARDED_BY(mutex_) = false;
  std::size_t turn_ BERTH_GUARDED_BY(mutex_) = 0;
  std::string waiting_ BERTH_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace berth::shell
