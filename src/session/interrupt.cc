#include "session/interrupt.h"

#include <sys/eventfd.h>

#include <cstdint>

namespace berth::session {

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Interrupt::Arm() {
  const base::MutexLock lock(mutex_);
  armed_ = true;
}

void Interrupt::Disarm() {
  const base::MutexLock lock(mutex_);
  armed_ = false;
  if (!fired_) return;
  fired_ = false;
  std::uint64_t count = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): EFD_NONBLOCK
  [[maybe_unused]] const ssize_t got = ::read(fd_.get(), &count, sizeof count);
}

void Interrupt::Fire() {
  const base::MutexLock lock(mutex_);
  if (!armed_ || fired_) return;
  fired_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(fd_.get(), &one, sizeof one);
}

}  // namespace berth::session
