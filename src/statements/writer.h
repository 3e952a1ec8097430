#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "statements/store.h"

namespace berth::statements {

// The one thread of a process that writes to statements.db. Whatever has come while it committed is its next commit, so
// that many small changes cost as much as one. Safe from many threads.
class Writer {
 public:
  static constexpr std::size_t kGroupMax = 256;                  // changes in a commit
  static constexpr std::chrono::milliseconds kLockWait{10'000};  // for another process that writes

  using Work = std::function<Status(Store&)>;
  using Told = std::function<void(Status)>;

  Writer(std::unique_ptr<Store> store, const Clock& clock);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();  // what was posted is written

  // `work` runs within a transaction, in the order of posting; where one of a group fails, the others are done again
  // without it, so it may run twice and must not leave anything behind but in the store. `told` is called on the
  // writer's thread once the commit has come, or failed; it must not block. Either may be null.
  void Post(Work work, Told told);
  // Waits for it.
  Status Apply(Work work);

 private:
  struct Item {
    Work work;
    Told told;
  };
  void Run();
  Status CommitAll(std::deque<Item>& items);
  Status CommitOne(const Item& item);

  const std::unique_ptr<Store> store_;  // the thread's own
  const Clock& clock_;
  base::Mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_ BERTH_GUARDED_BY(mutex_);
  bool stop_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace berth::statements
