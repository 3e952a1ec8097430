#include "engine/watch.h"

#include <chrono>

namespace berth::engine {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1'000};

}  // namespace

Watch::~Watch() {
  std::thread thread;
  {
    const base::MutexLock lock(mutex_);
    stop_ = true;
    thread.swap(thread_);
  }
  changed_.notify_all();
  if (thread.joinable()) thread.join();
}

void Watch::Add(Subject* subject) {
  const base::MutexLock lock(mutex_);
  subjects_.insert(subject);
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

void Watch::Remove(Subject* subject) {
  const base::MutexLock lock(mutex_);  // Look() runs under the mutex
  subjects_.erase(subject);
}

void Watch::Poke() {
  {
    const base::MutexLock lock(mutex_);
    poked_ = true;
  }
  changed_.notify_all();
}

void Watch::Run() {
  base::MutexLock lock(mutex_);
  while (!stop_) {
    const auto next = clock_.Now() + kLookEvery;
    while (!stop_ && !poked_ && clock_.Now() < next) clock_.WaitUntil(changed_, lock.native(), next);
    if (stop_) return;
    poked_ = false;
    const auto now = clock_.Now();
    for (auto* subject : subjects_) subject->Look(now);
  }
}

}  // namespace berth::engine
