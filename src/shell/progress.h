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

// What the line says at one moment.
struct ProgressFacts {
  std::optional<double> part_done;  // of a script, a file or a list of migrations, 0 to 1: a bar shows it
  std::string what;                 // which of them is at work
  bool cancels = true;              // Ctrl-C cancels what runs: the line says so
  double seconds = 0;
  std::size_t rows = 0;
  std::optional<Clock::Steady> silent_since;  // where that is not when the statement began: when its script did
};
// When the line of what begins `now` is painted first.
Clock::Steady FirstPaint(const ProgressFacts& facts, Clock::Steady now);
// "[####----] 40 %  V0002__b.sql  / 1.2 s, 1,234 rows  (Ctrl-C cancels)"; the wheel turns with `turn`.
std::string ProgressLine(const ProgressFacts& now, std::size_t turn);

// What a line may take of a terminal's width: the rest is room for what is typed behind it, since of a line that wraps
// only the last part is wiped.
std::size_t ProgressColumns(std::size_t columns);

// One line on the terminal while a statement runs: how long, how many rows, how much of a script is done, or what it
// waits for. It comes when the statement, or the script that it stands in, has run for kQuietFor and goes before
// anything else is written. Safe from many threads.
class Progress {
 public:
  static constexpr std::chrono::milliseconds kQuietFor{700};
  static constexpr std::chrono::milliseconds kStep{100};

  // Null where standard error is no terminal that can wipe a line. `facts`: as they are at the beginning.
  static std::unique_ptr<Progress> Start(const Clock& clock, ProgressFacts facts);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Stop(); }

  void Part(double done) { part_done_.store(done, std::memory_order_relaxed); }
  void Rows(std::size_t rows) { rows_.store(rows, std::memory_order_relaxed); }
  void Waiting(const std::string& what);  // instead of time and rows; empty: no longer
  void Hide();                            // wipes the line; it comes back at the next step
  void Hold(bool held);                   // wiped, and not painted while it is held; its time begins anew after it
  void Stop();                            // wipes it for good

 private:
  Progress(const Clock& clock, ProgressFacts facts);
  void Run();
  void Paint() BERTH_REQUIRES(mutex_);
  void Wipe() BERTH_REQUIRES(mutex_);

  const Clock& clock_;
  const ProgressFacts facts_;
  std::atomic<double> part_done_;  // below 0: not known
  std::atomic<std::size_t> rows_ = 0;
  base::Mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ BERTH_GUARDED_BY(mutex_) = false;
  bool held_ BERTH_GUARDED_BY(mutex_) = false;
  Clock::Steady began_ BERTH_GUARDED_BY(mutex_);
  Clock::Steady next_ BERTH_GUARDED_BY(mutex_);  // when the line is painted
  bool shown_ BERTH_GUARDED_BY(mutex_) = false;
  std::size_t turn_ BERTH_GUARDED_BY(mutex_) = 0;
  std::string waiting_ BERTH_GUARDED_BY(mutex_);
  std::thread thread_;
};

// The terminal is a question's until this dies: the line of whatever runs is held. Safe from many threads, as a login
// asks for its password on one of its own.
class ProgressPause {
 public:
  ProgressPause();
  ProgressPause(const ProgressPause&) = delete;
  ProgressPause& operator=(const ProgressPause&) = delete;
  ~ProgressPause();
};

}  // namespace berth::shell
