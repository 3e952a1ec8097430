#include "statements/checkpointer.h"

#include <utility>

#include "base/log.h"
#include "base/try.h"

namespace berth::statements {
namespace {

constexpr std::chrono::milliseconds kLockWait{1'000};  // for writers and readers, where the log is to begin anew

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<Store> store, const Clock& clock)
    : store_(std::move(store)), clock_(clock), thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const base::MutexLock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::Run() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      const auto next = clock_.Now() + kEvery;
      while (!stop_ && clock_.Now() < next) clock_.WaitUntil(wake_, lock.native(), next);
      if (stop_) return;
    }
    if (const auto status = Once(); !status.ok()) {
      log::Warn("the log of {} cannot be written back: {}", store_->database().path(), status.error().message);
    }
  }
}

Status Checkpointer::Once() {
  BERTH_ASSIGN(const auto pages, store_->WriteBack(false));
  if (pages <= kLogPagesMax) return {};
  store_->database().SetDeadline(Deadline::After(clock_, kLockWait));
  BERTH_ASSIGN(const auto left, store_->WriteBack(true));
  static_cast<void>(left);
  return {};
}

}  // namespace berth::statements
