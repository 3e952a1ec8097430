#include "statements/writer.h"

#include <utility>

#include "base/try.h"

namespace berth::statements {

Writer::Writer(std::unique_ptr<Store> store, const Clock& clock) : store_(std::move(store)), clock_(clock) {
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

Status Writer::Apply(Work work) {
  struct Answer {
    base::Mutex mutex;
    std::condition_variable changed;
    std::optional<Status> status BERTH_GUARDED_BY(mutex);
  };
  const auto answer = std::make_shared<Answer>();
  Post(std::move(work), [answer](Status status) {
    const base::MutexLock lock(answer->mutex);
    answer->status = std::move(status);
    answer->changed.notify_all();
  });
  base::MutexLock lock(answer->mutex);
  while (!answer->status) answer->changed.wait(lock.native());  // bounded by kLockWait, which bounds each commit
  return *std::move(answer->status);
}

void Writer::Run() {
  while (true) {
    std::deque<Item> group;
    {
      base::MutexLock lock(mutex_);
      while (items_.empty() && !stop_) changed_.wait(lock.native());
      if (items_.empty()) return;
      while (!items_.empty() && group.size() < kGroupMax) {
        group.push_back(std::move(items_.front()));
        items_.pop_front();
      }
    }
    const Status all = CommitAll(group);
    for (auto& item : group) {
      Status status = all.ok() || group.size() == 1 ? (all.ok() ? Status() : Status(all.error())) : CommitOne(item);
      if (item.told) item.told(std::move(status));
    }
  }
}

Status Writer::CommitAll(std::deque<Item>& items) {
  auto& database = store_->database();
  database.SetDeadline(Deadline::After(clock_, kLockWait));
  BERTH_TRY(database.BeginWrite());
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
  std::deque<Item> one{item};
  return CommitAll(one);
}

}  // namespace berth::statements
