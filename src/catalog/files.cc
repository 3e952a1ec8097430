#include "catalog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/try.h"
#include "base/unique_fd.h"

namespace berth::catalog {
namespace {

Error CannotMake(const std::string& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return {
      .code = full ? ErrorCode::kDiskFull : ErrorCode::kCatalogUnavailable,
      .message = fmt::format("{} cannot be made: {}", path, std::generic_category().message(number)),
      .hint = full ? "Free some room on its file system." : "Name another place for it, or make its folder writable."};
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return CannotMake(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return CannotMake(path, errno);
  return {};
}

// So that the name survives a power cut as well; a file system that cannot sync folders has no say.
void SyncFolder(const std::string& folder) {
  const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) ::fsync(fd.get());
}

}  // namespace

Status MakeFolders(const std::string& folder) {
  struct stat facts{};
  if (::stat(folder.c_str(), &facts) == 0) {
    if (S_ISDIR(facts.st_mode)) return {};
    return CannotMake(folder, ENOTDIR);
  }
  const auto above = std::filesystem::path(folder).parent_path().string();
  if (!above.empty() && above != folder) BERTH_TRY(MakeFolders(above));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return CannotMake(folder, errno);
  return {};
}

Result<Made> MakeFile(const std::string& path, std::string_view content) {
  std::string draft = path + ".XXXXXX";
  {
    const base::UniqueFd fd(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
    if (fd.get() < 0) return CannotMake(path, errno);
    if (Status status = WriteAll(fd.get(), content, path); !status.ok()) {
      ::unlink(draft.c_str());
      return std::move(status).TakeError();
    }
  }
  const int failure = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(draft.c_str());
  if (failure == EEXIST) return Made::kWasThere;
  if (failure != 0) return CannotMake(path, failure);
  SyncFolder(std::filesystem::path(path).parent_path().string());
  return Made::kMade;
}

Status ReplaceFile(const std::string& path, std::string_view content) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return CannotMake(path, errno);
  const std::string target = std::filesystem::weakly_canonical(path).string();  // a link stays a link
  std::string draft = target + ".XXXXXX";
  int failure = 0;
  {
    const base::UniqueFd fd(::mkostemp(draft.data(), O_CLOEXEC));
    if (fd.get() < 0) return CannotMake(path, errno);
    Status status = WriteAll(fd.get(), content, path);
    if (status.ok() && (facts.st_uid != ::geteuid() || facts.st_gid != ::getegid()) &&
        ::fchown(fd.get(), facts.st_uid, facts.st_gid) != 0) {
      status = CannotMake(path, errno);
    }
    if (status.ok() && ::fchmod(fd.get(), facts.st_mode & 07777U) != 0) status = CannotMake(path, errno);
    if (!status.ok()) {
      ::unlink(draft.c_str());
      return status;
    }
    if (::rename(draft.c_str(), target.c_str()) != 0) failure = errno;
  }
  if (failure != 0) {
    ::unlink(draft.c_str());
    return CannotMake(path, failure);
  }
  SyncFolder(std::filesystem::path(target).parent_path().string());
  return {};
}

}  // namespace berth::catalog
