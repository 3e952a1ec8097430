#include "shell/interrupts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <system_error>
#include <utility>

namespace berth::shell {
namespace {

// How often what runs is told again while an interrupt is pending.
constexpr int kRepeatMs = 200;

}  // namespace

Interrupts::Interrupts() : wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupts::~Interrupts() {
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

bool Interrupts::Raise() {
  const bool first = !pending_.exchange(true, std::memory_order_acq_rel);
  const std::uint64_t one = 1;
  if (first) [[maybe_unused]]
    const auto written = ::write(wake_fd_, &one, sizeof one);
  const base::MutexLock lock(mutex_);
  if (running_ != nullptr && pending()) running_->Cancel();  // not what began after it had been heeded
  return first;
}

void Interrupts::Repeat() {
  const base::MutexLock lock(mutex_);
  if (running_ != nullptr && pending()) running_->Cancel();
}

void Interrupts::Clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
  pending_.store(false, std::memory_order_release);
}

Interrupts::Running::Running(Interrupts& interrupts, Conversation& conversation) : interrupts_(interrupts) {
  const base::MutexLock lock(interrupts_.mutex_);
  interrupts_.running_ = &conversation;
}

Interrupts::Running::~Running() {
  const base::MutexLock lock(interrupts_.mutex_);
  interrupts_.running_ = nullptr;
}

Result<std::unique_ptr<SignalWatcher>> SignalWatcher::Start(Interrupts& interrupts, Second second) {
  std::unique_ptr<SignalWatcher> watcher(new SignalWatcher());
  struct sigaction now{};
  ::sigaction(SIGINT, nullptr, &now);
  if (now.sa_handler == SIG_IGN) return watcher;

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher->signal_fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  watcher->stop_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (watcher->signal_fd_ < 0 || watcher->stop_fd_ < 0 || interrupts.wake_fd() < 0) {
    return Error{.message = "cannot watch for signals: " + std::generic_category().message(errno)};
  }
  try {
    watcher->thread_ = std::thread(Watch, std::ref(interrupts), second, watcher->signal_fd_, watcher->stop_fd_);
  } catch (const std::system_error& error) {
    return Error{.message = std::string("cannot watch for signals: ") + error.what()};
  }
  return watcher;
}

void SignalWatcher::Watch(Interrupts& interrupts, Second second, int signal_fd, int stop_fd) {
  std::array<pollfd, 2> wait{
      {{.fd = signal_fd, .events = POLLIN, .revents = 0}, {.fd = stop_fd, .events = POLLIN, .revents = 0}}};
  const Clock& clock = Clock::System();
  Clock::Steady last{};
  while (true) {
    const bool waits = interrupts.pending() || interrupts.leaving();
    const int ready = ::poll(wait.data(), wait.size(), waits ? kRepeatMs : -1);
    if (ready < 0) continue;  // EINTR
    if (interrupts.leaving() && clock.Now() - last > kLeaveWait) ::_exit(kInterruptedStatus);
    if (wait[1].revents != 0) return;
    if (ready == 0) {
      interrupts.Repeat();
      continue;
    }
    signalfd_siginfo info{};
    if (::read(signal_fd, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    const auto before = std::exchange(last, clock.Now());
    if (interrupts.Raise()) continue;
    if (second == Second::kExits) ::_exit(kInterruptedStatus);
    if (last - before < kTwiceWithin) interrupts.Leave();
  }
}

SignalWatcher::~SignalWatcher() {
  const std::uint64_t one = 1;
  if (thread_.joinable()) {
    [[maybe_unused]] const auto written = ::write(stop_fd_, &one, sizeof one);
    thread_.join();
  }
  if (signal_fd_ >= 0) ::close(signal_fd_);
  if (stop_fd_ >= 0) ::close(stop_fd_);
}

}  // namespace berth::shell
