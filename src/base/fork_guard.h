#pragma once

#include <cstdint>

namespace berth::base {

// A forked child shares its parent's descriptors, and with them its locks and its sessions: it would keep slots alive
// after the parent's death, and its exit would say goodbye on the parent's sockets. So in the child each guarded
// descriptor is replaced by /dev/null (its number stays taken, so that a late write hits nothing), and what was made
// before the fork can tell by ForkEpoch(). A child that goes on to exec notices nothing of this.
class ForkGuard {
 public:
  ForkGuard() = default;
  explicit ForkGuard(int fd);  // guarded until this dies; the caller closes it afterwards
  ForkGuard(ForkGuard&& other) noexcept { *this = static_cast<ForkGuard&&>(other); }
  ForkGuard& operator=(ForkGuard&& other) noexcept;
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

 private:
  friend struct ForkRegistry;
  int fd_ = -1;
  ForkGuard* prev_ = nullptr;
  ForkGuard* next_ = nullptr;
};

// How many forks lie between this process and the first one that used Berth. An object remembers it when it is made;
// if it has changed since, the object belongs to a parent.
std::uint32_t ForkEpoch() noexcept;

}  // namespace berth::base
