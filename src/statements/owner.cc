#include "statements/owner.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "statements/statement_id.h"

namespace berth::statements {
namespace {

std::string PathOf(const std::string& folder, std::string_view id) {
  return fmt::format("{}/{}", folder, id);
}

Error Failed(const std::string& path, int number) {
  return Error{.code = number == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kCatalogUnavailable,
               .message = fmt::format("{}: {}", path, std::generic_category().message(number))};
}

}  // namespace

Owner::Owner(std::string id, std::string path, base::UniqueFd file)
    : id_(std::move(id)), path_(std::move(path)), file_(std::move(file)), guard_(file_.get()) {}

Owner::~Owner() {
  if (!file_) return;
  ::unlink(path_.c_str());
  guard_ = base::ForkGuard();
}

// The file has its name only once it is locked: no other process ever sees it unlocked while we live.
Result<Owner> Owner::Make(const std::string& folder, Clock::Wall now) {
  const std::string id = NewUuid(now);
  const std::string path = PathOf(folder, id);
  const std::string draft = path + ".new";
  base::UniqueFd file(::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return Failed(draft, errno);
  const std::string pid = fmt::format("{}\n", ::getpid());  // for people
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 ||
      ::write(file.get(), pid.data(), pid.size()) != static_cast<ssize_t>(pid.size()) ||
      ::rename(draft.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(draft.c_str());
    return Failed(draft, number);
  }
  return Owner(id, path, std::move(file));
}

Result<bool> Owner::Lives(const std::string& folder, std::string_view id) {
  const std::string path = PathOf(folder, id);
  const base::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file && errno == ENOENT) return false;
  if (!file) return Failed(path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return Failed(path, errno);
}

void Owner::Forget(const std::string& folder, std::string_view id) {
  ::unlink(PathOf(folder, id).c_str());
}

}  // namespace berth::statements
