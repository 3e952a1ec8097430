#include "statements/writer.h"

#include <iterator>
#include <utility>

#include "base/try.h"

namespace berth::statements {
namespace {

constexpr int kYields = 2;  // before a commit; where nobody else runs, a microsecond

}  // namespace

Writer::Writer(std::unique_ptr<Store> store, bool waits_for_disk, const Clock& clock)
    : store_(std::move(store)), waits_for_disk_(waits_for_disk), clock_(clock) {
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() {
  {
    const base::MutexLock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Writer::Post(Work work, Told told) {
  {
    const base::MutexLock lock(mutex_);
    items_.push_back({.work = std::move(work), .told = std::move(told)});
  }
  changed_.notify_one();
}

void Writer::TakeGroup(Group& group) {
  while (!items_.empty() && group.size() < kGroupMax) {
    group.push_back(std::move(items_.front()));
    items_.pop_front();
  }
}

void Writer::PostNow(Work work, Told told) {
  if (waits_for_disk_) return Post(std::move(work), std::move(told));
  Group group;
  {
    const base::MutexLock lock(mutex_);
    items_.push_back({.work = std::move(work), .told = std::move(told)});
    if (committing_) return;  // who commits sees to it
    committing_ = true;
  }
  LetOthersPost();
  {
    const base::MutexLock lock(mutex_);
    TakeGroup(group);
  }
  for (int round = 1;; ++round) {
    const bool done = CommitGroup(group, Deadline::At(clock_.Now()));
    if (done) group.clear();
    base::MutexLock lock(mutex_);
    if (!done) {
      items_.insert(items_.begin(), std::make_move_iterator(group.begin()), std::make_move_iterator(group.end()));
    } else if (!items_.empty() && round < kRoundsMax) {
      TakeGroup(group);
      continue;
    }
    committing_ = false;
    const bool more = !items_.empty() || stop_;
    lock.Unlock();
    if (more) changed_.notify_one();
    return;
  }
}

// Who is about to post something has the processor first, so that one commit does for more. On a machine that is full
// this would be a wait for strangers, so it is tried ever more rarely there.
void Writer::LetOthersPost() {
  if (!eagerness_.Due()) return;
  for (int i = 0; i < kYields; ++i) {
    if (!base::Eagerness::Yield(clock_)) return eagerness_.Vain();
  }
  eagerness_.Paid();
}

Status Writer::Apply(Work work) {
  struct Answer {
    base::Mutex mutex;
    std::condition_variable changed;
    std::optional<Status> status BERTH_GUARDED_BY(mutex);
  };
  const auto answer = std::make_shared<Answer>();
  PostNow(std::move(work), [answer](Status status) {
    const base::MutexLock lock(answer->mutex);
    answer->status = std::move(status);
    answer->changed.notify_all();
  });
  base::MutexLock lock(answer->mutex);
  while (!answer->status) answer->changed.wait(lock.native());  // bounded by kLockWait, which bounds each commit
  return *std::move(answer->status);
}

void Writer::Run() {
  base::MutexLock lock(mutex_);
  while (true) {
    while (committing_ || (items_.empty() && !stop_)) changed_.wait(lock.native());
    if (items_.empty()) return;
    Group group;
    TakeGroup(group);
    committing_ = true;
    lock.Unlock();
    CommitGroup(group, Deadline::After(clock_, kLockWait));
    lock.Lock();
    committing_ = false;
  }
}

bool Writer::CommitGroup(Group& group, Deadline for_lock) {
  auto& database = store_->database();
  database.SetDeadline(for_lock);
  const Status begun = database.BeginWrite();
  if (!begun.ok() && for_lock.Passed(clock_) && begun.error().code == ErrorCode::kCatalogUnavailable) return false;
  const Status all = begun.ok() ? WorkAll(group) : Status(begun.error());
  for (auto& item : group) {
    Status status = all.ok() ? Status() : Status(all.error());
    if (begun.ok() && !all.ok() && group.size() > 1) status = CommitOne(item);
    if (item.told) item.told(std::move(status));
  }
  return true;
}

Status Writer::WorkAll(const Group& items) {
  auto& database = store_->database();
  for (const auto& item : items) {
    if (auto status = item.work(*store_); !status.ok()) {
      database.Rollback();
      return status;
    }
  }
  auto status = database.Commit();
  if (!status.ok()) database.Rollback();
  return status;
}

Status Writer::CommitOne(const Item& item) {
  auto& database = store_->database();
  database.SetDeadline(Deadline::After(clock_, kLockWait));
  BERTH_TRY(database.BeginWrite());
  return WorkAll(Group{item});
}

}  // namespace berth::statements
