#include "pool/slot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/try.h"

namespace berth::pool {
namespace {

constexpr std::uint64_t kMagic = 0x31'534C'4854'5245'42;      // "BERTHLS1"
constexpr std::uint64_t kPresence = std::uint64_t{1} << 39U;  // who has the file open locks this byte, shared
constexpr std::uint64_t kSlotBase = std::uint64_t{1} << 40U;
constexpr std::uint64_t kTicketBase = std::uint64_t{1} << 41U;
constexpr std::uint64_t kTicketEnd = std::uint64_t{1} << 62U;
constexpr int kInheritedFdMin = 200;
constexpr int kOpenTriesMax = 1000;  // of a file that others remove in between

Error FileError(const std::string& path, std::string_view what) {
  const int code = errno;
  const std::string reason = std::generic_category().message(code);
  return Error{.code = code == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kCatalogUnavailable,
               .message = fmt::format("the slot file {} cannot be {}: {}", path, what, reason),
               .hint =
                   "It is what keeps the sessions of all processes below the cap: whoever uses the catalog must be "
                   "able to write there."};
}

}  // namespace

Result<MappedFile> MapFile(const std::string& path, mode_t mode, std::size_t size) {
  const int fd = path.empty() ? ::memfd_create("berth-slots", MFD_CLOEXEC)
                              : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return FileError(path, "opened");
  const auto fail = [&](std::string_view what) {
    Error error = FileError(path, what);
    ::close(fd);
    return error;
  };
  struct stat facts{};
  if (::fstat(fd, &facts) != 0) return fail("read");
  if (!path.empty() && facts.st_uid == ::geteuid() && (facts.st_mode & 07777U) != mode && ::fchmod(fd, mode) != 0)
    return fail("shared");
  if (static_cast<std::size_t>(facts.st_size) < size) {
    const int code = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
    if (code != 0) {
      errno = code;
      return fail("written");
    }
  }
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return fail("mapped");
  return MappedFile{.fd = fd, .data = data};
}

Result<std::unique_ptr<SlotFile>> SlotFile::Open(const std::string& path, mode_t mode, std::uint64_t catalog_id) {
  BERTH_ASSIGN(auto file, OpenLinked(path, mode));
  SlotFileHeader& header = file->header();
  std::uint64_t magic = 0;
  if (!header.magic.compare_exchange_strong(magic, kMagic) && magic != kMagic) {
    return Error{.code = ErrorCode::kCatalogCorrupt,
                 .message = fmt::format("{} is no slot file of this version of Berth", path),
                 .hint = "End all programs that use the catalog, and remove the file: it is made anew."};
  }
  if (header.catalog_id.exchange(catalog_id) != catalog_id) {
    header.cap = 0;
    header.refused = 0;
  }
  return file;
}

// One that the path still leads to: the last user of a forgotten file removes it.
Result<std::unique_ptr<SlotFile>> SlotFile::OpenLinked(const std::string& path, mode_t mode) {
  for (int tries = 0; tries < kOpenTriesMax; ++tries) {
    BERTH_ASSIGN(const MappedFile mapped, MapFile(path, mode, sizeof(Data)));
    std::unique_ptr<SlotFile> file(new SlotFile(path, mapped.fd, static_cast<Data*>(mapped.data)));
    struct stat facts{};
    if (file->SetLock(kPresence, F_RDLCK) && ::fstat(mapped.fd, &facts) == 0 && (facts.st_nlink > 0 || path.empty())) {
      return file;
    }
    file->data_->header.forgotten = 0;  // whoever removes it is at it
  }
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("the slot file {} is removed by another process all the time", path)};
}

// The kernel gives up the locks with the descriptor.
SlotFile::~SlotFile() {
  if (!path_.empty() && base::ForkEpoch() == epoch_ && data_->header.forgotten != 0 && SetLock(kPresence, F_WRLCK)) {
    ::unlink(path_.c_str());
  }
  ::munmap(data_, sizeof(Data));
  ::close(fd_);
}

bool SlotFile::LockSlot(std::size_t slot) const {
  return SetLock(kSlotBase + slot, F_WRLCK);
}
void SlotFile::UnlockSlot(std::size_t slot) const {
  SetLock(kSlotBase + slot, F_UNLCK);
}
bool SlotFile::LockTicket(std::uint64_t ticket) const {
  return SetLock(kTicketBase + ticket, F_WRLCK);
}
void SlotFile::UnlockTicket(std::uint64_t ticket) const {
  SetLock(kTicketBase + ticket, F_UNLCK);
}

bool SlotFile::OthersWaitBefore(std::uint64_t ticket) const {
  return ticket > 0 && SomeLockOfOthers({kTicketBase, kTicketBase + ticket}).has_value();
}

void SlotFile::VisitOthersSlots(std::size_t from, std::size_t to, const Visit& visit) const {
  VisitRange({kSlotBase + from, kSlotBase + to},
             [&](std::uint64_t first, std::uint64_t end) { return visit(first - kSlotBase, end - kSlotBase); });
}

void SlotFile::VisitOthersTickets(const Visit& visit) const {
  VisitRange({kTicketBase, kTicketEnd},
             [&](std::uint64_t first, std::uint64_t end) { return visit(first - kTicketBase, end - kTicketBase); });
}

Status SlotFile::Bequeath() {
  if (bequeathed_) return {};
  // A number that scripts and programs do not redirect by hand (exec 3>..); lower only where the limit is that low.
  int copy = ::fcntl(fd_, F_DUPFD, kInheritedFdMin);
  if (copy < 0) copy = ::fcntl(fd_, F_DUPFD, STDERR_FILENO + 1);
  if (copy < 0) {
    return Error{
        .code = ErrorCode::kInternal,
        .message = fmt::format("no descriptor can be left to the program: {}", std::generic_category().message(errno)),
        .hint = "Raise the limit on open files (ulimit -n)."};
  }
  bequeathed_ = true;
  return {};
}

bool SlotFile::SetLock(std::uint64_t at, short type) const {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(at);
  lock.l_len = 1;
  return ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
}

// Of the locks in the range any one: the kernel sorts them by owner first.
std::optional<SlotFile::Range> SlotFile::SomeLockOfOthers(Range range) const {
  if (range.from >= range.to) return std::nullopt;
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(range.from);
  lock.l_len = static_cast<off_t>(range.to - range.from);
  if (::fcntl(fd_, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  const auto from = static_cast<std::uint64_t>(lock.l_start);
  const std::uint64_t to = lock.l_len == 0 ? range.to : from + static_cast<std::uint64_t>(lock.l_len);
  return Range{std::max(from, range.from), std::min(to, range.to)};
}

// A run splits what is still to be looked at into what is before and what is behind it.
bool SlotFile::VisitRange(Range range, const Visit& visit) const {
  std::vector<Range> todo = {range};
  while (!todo.empty()) {
    const Range now = todo.back();
    todo.pop_back();
    const auto run = SomeLockOfOthers(now);
    if (!run) continue;
    if (!visit(run->from, run->to)) return false;
    if (run->to < now.to) todo.push_back({run->to, now.to});
    if (now.from < run->from) todo.push_back({now.from, run->from});
  }
  return true;
}

}  // namespace berth::pool
