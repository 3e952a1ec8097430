#include "engine/job_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <system_error>

namespace berth::engine {
namespace {

constexpr std::string_view kScheme = "sqlite:";

std::string CatalogPath(const catalog::Store& store) {
  const auto name = store.Name();
  return name.starts_with(kScheme) ? name.substr(kScheme.size()) : name;
}

std::string LockPath(const catalog::Store& store) {
  return CatalogPath(store) + ".jobs";
}

// Whoever may write the catalog may run its jobs.
mode_t ModeFor(const catalog::Store& store) {
  struct stat facts{};
  if (::stat(CatalogPath(store).c_str(), &facts) != 0) return 0600;
  return (facts.st_mode & 0060U) | 0600U;
}

struct flock ByteOf(std::int64_t job_id) {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = job_id;
  lock.l_len = 1;
  return lock;
}

}  // namespace

Result<std::optional<JobLock>> JobLock::Try(const catalog::Store& store, std::int64_t job_id) {
  const auto path = LockPath(store);
  const auto mode = ModeFor(store);
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) {
    fd = base::UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (fd) ::fchmod(fd.get(), mode);  // whatever the umask
  }
  if (!fd) {
    return Error{.code = errno == EROFS ? ErrorCode::kCatalogReadOnly : ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("{}, which keeps a job from running twice at a time, cannot be opened: {}",
                                        path, std::generic_category().message(errno))};
  }
  auto lock = ByteOf(job_id);
  if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) return std::optional<JobLock>();
  return std::optional<JobLock>(JobLock(std::move(fd)));
}

bool JobLock::Held(const catalog::Store& store, std::int64_t job_id) {
  const base::UniqueFd fd(::open(LockPath(store).c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return false;
  auto lock = ByteOf(job_id);
  return ::fcntl(fd.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace berth::engine
