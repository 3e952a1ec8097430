#include "base/fork_guard.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include <doctest/doctest.h>

namespace berth::base {
namespace {

// What `check` says in a forked child.
template <class Check>
bool InChild(const Check& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status == 0;
}

bool IsPipe(int fd) {
  struct stat facts{};
  return ::fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode);
}

TEST_CASE("a guarded descriptor is the parent's alone; its number stays taken in the child") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ForkGuard first(ends[0]);
  const std::uint32_t epoch = ForkEpoch();
  CHECK(InChild([&] { return !IsPipe(ends[0]) && ::fcntl(ends[0], F_GETFD) == FD_CLOEXEC && IsPipe(ends[1]); }));
  CHECK(InChild([&] { return ForkEpoch() == epoch + 1; }));
  CHECK(ForkEpoch() == epoch);
  CHECK(IsPipe(ends[0]));

  ForkGuard moved = std::move(first);
  CHECK(InChild([&] { return !IsPipe(ends[0]); }));
  moved = ForkGuard();
  CHECK(InChild([&] { return IsPipe(ends[0]); }));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace berth::base
