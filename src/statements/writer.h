#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "base/eagerness.h"
#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "statements/store.h"

namespace berth::statements {

// Writes to statements.db, one thread at a time. Whatever has come while one group committed is the next commit, so
// that many small changes cost as much as one. Safe from many threads.
class Writer {
 public:
  static constexpr std::size_t kGroupMax = 256;                  // changes in a commit
  static constexpr int kRoundsMax = 4;                           // commits of one PostNow()
  static constexpr std::chrono::milliseconds kLockWait{10'000};  // for another process that writes

  using Work = std::function<Status(Store&)>;
  using Told = std::function<void(Status)>;

  // `waits_for_disk`: a commit takes milliseconds, so only the writer's own thread does it.
  Writer(std::unique_ptr<Store> store, bool waits_for_disk, const Clock& clock);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();  // what was posted is written

  // `work` runs within a transaction, in the order of posting; where one of a group fails, the others are done again
  // without it, so it may run twice and must not leave anything behind but in the store. `told` is called on the
  // thread that committed, once the commit has come, or failed; it must not block. `told` may be null.
  void Post(Work work, Told told);
  // As Post(), but where nobody is committing it is done now, on the caller's thread: two switches of threads are more
  // than half of what a small commit costs. What others have posted meanwhile it commits as well, for kRoundsMax. The
  // caller holds no lock that any `told` takes.
  void PostNow(Work work, Told told);
  // Waits for it. The caller as with PostNow().
  Status Apply(Work work);

 private:
  struct Item {
    Work work;
    Told told;
  };
  using Group = std::deque<Item>;
  void Run();
  void LetOthersPost();
  void TakeGroup(Group& group) BERTH_REQUIRES(mutex_);
  bool CommitGroup(Group& group, Deadline for_lock);  // false: another process has the lock, nothing was done
  Status WorkAll(const Group& items);                 // and the commit; within the transaction that is open
  Status CommitOne(const Item& item);

  const std::unique_ptr<Store> store_;  // of who commits
  base::Eagerness eagerness_;           // likewise
  const bool waits_for_disk_;
  const Clock& clock_;
  base::Mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_ BERTH_GUARDED_BY(mutex_);
  bool committing_ BERTH_GUARDED_BY(mutex_) = false;  // one thread is
  bool stop_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace berth::statements
