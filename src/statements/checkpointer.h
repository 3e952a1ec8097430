#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "statements/store.h"

namespace berth::statements {

// Moves what was written ahead into statements.db itself, on a thread and a handle of its own: it waits for the disk,
// and no commit should.
class Checkpointer {
 public:
  static constexpr std::chrono::milliseconds kEvery{250};
  // Where writers leave no gap, the log grows on; from this many pages on they wait until it begins anew.
  static constexpr std::int64_t kLogPagesMax = 16'384;

  Checkpointer(std::unique_ptr<Store> store, const Clock& clock);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;
  ~Checkpointer();

 private:
  void Run();
  Status Once();

  const std::unique_ptr<Store> store_;  // the thread's own
  const Clock& clock_;
  base::Mutex mutex_;
  std::condition_variable wake_;
  bool stop_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace berth::statements
