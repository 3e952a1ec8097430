#pragma once

#include <string>
#include <string_view>

#include "base/fork_guard.h"
#include "base/unique_fd.h"
#include "berth/deadline.h"
#include "berth/error.h"

namespace berth::statements {

// Who runs a statement: a process that has a file of its own in the folder of owners, and a lock on it for as long as
// it lives. The kernel lets go of the lock when the process dies, so a dead owner is known at once and a stopped one is
// never taken for dead.
class Owner {
 public:
  // Errors: kCatalogUnavailable, kDiskFull.
  static Result<Owner> Make(const std::string& folder, Clock::Wall now);
  Owner(Owner&&) = default;
  Owner& operator=(Owner&&) = delete;
  ~Owner();  // lets go of the lock and removes the file

  const std::string& id() const { return id_; }
  // False: no process has the lock (or there is no such file). Its file is left.
  static Result<bool> Lives(const std::string& folder, std::string_view id);
  static void Forget(const std::string& folder, std::string_view id);  // removes a dead owner's file

 private:
  Owner(std::string id, std::string path, base::UniqueFd file);

  std::string id_, path_;
  base::UniqueFd file_;
  base::ForkGuard guard_;
};

}  // namespace berth::statements
