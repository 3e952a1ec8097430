#include "catalog/handles.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/try.h"

namespace berth::catalog {

bool Handles::Immutable() const {
  struct stat log{};
  const bool log_there = ::stat((path_ + "-wal").c_str(), &log) == 0 && log.st_size > 0;
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  return !log_there && ::access(folder.c_str(), W_OK) != 0 && ::access(path_.c_str(), R_OK) == 0;
}

Result<std::unique_ptr<sqlite::Database>> Handles::Open(Deadline deadline) const {
  return sqlite::Database::Open({.path = path_, .immutable = Immutable(), .clock = &clock_}, deadline);
}

std::unique_ptr<sqlite::Database> Handles::TakeIdle(Access access) {
  while (!idle_.empty()) {
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    // A handle from the time when the file could not be written is of no use to a writer; permissions may have changed.
    if (access == Access::kRead || !handle->read_only()) return handle;
  }
  return nullptr;
}

Result<std::unique_ptr<sqlite::Database>> Handles::Take(Access access, Deadline deadline) {
  std::unique_ptr<sqlite::Database> handle;
  {
    const base::MutexLock lock(mutex_);
    if (lent_ >= kTransactionsMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("{} transactions on the catalog are open in this process, which is the most",
                                          kTransactionsMax),
                   .hint = "End some of them first."};
    }
    ++lent_;
    handle = TakeIdle(access);
  }
  if (handle != nullptr) {
    handle->SetDeadline(deadline);
    return handle;
  }
  auto opened = Open(deadline);
  if (!opened.ok()) {
    const base::MutexLock lock(mutex_);
    --lent_;
  }
  return opened;
}

void Handles::Return(std::unique_ptr<sqlite::Database> handle) {
  if (handle->InTransaction()) handle->Rollback();
  const bool keep = !handle->InTransaction() && !handle->immutable();
  const base::MutexLock lock(mutex_);
  --lent_;
  if (keep && idle_.size() < kIdleMax) idle_.push_back(std::move(handle));
}

}  // namespace berth::catalog
