#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "sqlite/database.h"

namespace berth::catalog {

// The open handles of one catalog file: a transaction borrows one, and it comes back to be used again. Safe from many
// threads.
class Handles {
 public:
  static constexpr std::size_t kIdleMax = 8;            // kept for later
  static constexpr std::size_t kTransactionsMax = 256;  // open at once in this process; each has two descriptors

  Handles(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  // Errors: kLimitExceeded (kTransactionsMax), and those of opening the file.
  Result<std::unique_ptr<sqlite::Database>> Take(Access access, Deadline deadline);
  void Return(std::unique_ptr<sqlite::Database> handle);

  // A new handle that the caller keeps. Where neither the file nor its folder can be written and no log is beside it,
  // one that takes no locks and makes no files, so that a read-only catalog can be read.
  Result<std::unique_ptr<sqlite::Database>> Open(Deadline deadline) const;
  // True: handles read the file as it lies on the disk and are not kept, since somebody else may write it later.
  bool Immutable() const;

 private:
  std::unique_ptr<sqlite::Database> TakeIdle(Access access) BERTH_REQUIRES(mutex_);

  const std::string path_;
  const Clock& clock_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<sqlite::Database>> idle_ BERTH_GUARDED_BY(mutex_);
  std::size_t lent_ BERTH_GUARDED_BY(mutex_) = 0;
};

}  // namespace berth::catalog
