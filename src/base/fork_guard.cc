#include "base/fork_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

namespace berth::base {
namespace {

std::atomic<std::uint32_t> g_epoch{0};

}  // namespace

struct ForkRegistry {
  std::mutex mutex;
  ForkGuard* first = nullptr;

  ForkRegistry() {
    ::pthread_atfork([] { Get().mutex.lock(); }, [] { Get().mutex.unlock(); }, [] { Get().InChild(); });
  }
  // Never destroyed: a fork may come as late as it likes.
  static ForkRegistry& Get() {
    static auto* const kRegistry = new ForkRegistry;
    return *kRegistry;
  }

  void InChild() {
    g_epoch.fetch_add(1);
    const int nothing = first != nullptr ? ::open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    for (ForkGuard* guard = first; guard != nullptr; guard = guard->next_) {
      if (nothing < 0 || ::dup3(nothing, guard->fd_, O_CLOEXEC) < 0) ::close(guard->fd_);
    }
    if (nothing >= 0) ::close(nothing);
    mutex.unlock();
  }

  void Add(ForkGuard* guard) {
    const std::lock_guard lock(mutex);
    guard->prev_ = nullptr;
    guard->next_ = first;
    if (first != nullptr) first->prev_ = guard;
    first = guard;
  }
  void Remove(ForkGuard* guard) {
    const std::lock_guard lock(mutex);
    (guard->prev_ != nullptr ? guard->prev_->next_ : first) = guard->next_;
    if (guard->next_ != nullptr) guard->next_->prev_ = guard->prev_;
    guard->prev_ = guard->next_ = nullptr;
    guard->fd_ = -1;
  }
};

ForkGuard::ForkGuard(int fd) : fd_(fd) {
  if (fd_ >= 0) ForkRegistry::Get().Add(this);
}

ForkGuard& ForkGuard::operator=(ForkGuard&& other) noexcept {
  if (this == &other) return *this;
  ForkRegistry& registry = ForkRegistry::Get();
  if (fd_ >= 0) registry.Remove(this);
  if (other.fd_ >= 0) {
    const int fd = other.fd_;
    registry.Remove(&other);
    fd_ = fd;
    registry.Add(this);
  }
  return *this;
}

ForkGuard::~ForkGuard() {
  if (fd_ >= 0) ForkRegistry::Get().Remove(this);
}

std::uint32_t ForkEpoch() noexcept {
  return g_epoch.load(std::memory_order_relaxed);
}

}  // namespace berth::base
