#include "migrations/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "migrations/history_texts.h"

namespace berth::migrations {
namespace {

constexpr std::size_t kHolderBytesMax = 512;

std::string Self(const Clock& clock) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  return fmt::format("process {} of {}@{}, since {} UTC", ::getpid(),
                     found != nullptr ? std::string(entry.pw_name) : std::to_string(::geteuid()), host.data(),
                     HistoryTime(clock.WallNow()).substr(0, 19));
}

std::string Holder(int fd) {
  std::array<char, kHolderBytesMax> text{};
  const auto bytes = ::pread(fd, text.data(), text.size(), 0);
  const auto holder = base::Trim({text.data(), static_cast<std::size_t>(bytes > 0 ? bytes : 0)});
  return holder.empty() ? "another process" : std::string(holder);
}

// A lock of the open file description: it falls with this process, and no descriptor of anyone else's frees it.
bool TryLock(int fd) {
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

Result<RunLock> RunLock::Take(const std::string& path, const Clock& clock, Deadline deadline,
                              const std::function<void(const std::string&)>& waiting) {
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    return Error{.code = ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("{} cannot be opened: {}", path, std::generic_category().message(errno))};
  }
  std::mutex mutex;
  std::condition_variable never;
  bool told = false;
  while (!TryLock(fd.get())) {
    const auto holder = Holder(fd.get());
    if (deadline.Passed(clock)) {
      return Error{.code = ErrorCode::kResourceExhausted,
                   .message = fmt::format("migrations of this catalog are run by {}", holder),
                   .hint = "Wait for it; a process that has died holds nothing any more."};
    }
    if (!std::exchange(told, true) && waiting) waiting(holder);
    std::unique_lock lock(mutex);
    clock.WaitUntil(never, lock, Deadline::After(clock, kLockLook).Sooner(deadline).time());
  }
  const auto self = Self(clock) + "\n";
  const bool written = ::ftruncate(fd.get(), 0) == 0 &&
                       ::pwrite(fd.get(), self.data(), self.size(), 0) == static_cast<ssize_t>(self.size());
  static_cast<void>(written);  // only a courtesy to who waits
  return RunLock(std::move(fd));
}

}  // namespace berth::migrations
