#include "base/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace berth::base {
namespace {

// Whether /proc shows its first thread as one that has ended.
bool ShownAsEnded(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  return text.find(") Z ") != std::string::npos;
}

}  // namespace

TEST_CASE("a process has its start until it ends, also while nobody has asked how it ended") {
  CHECK(ProcessStart(::getpid()) > 0);
  CHECK(ProcessStart(::getpid()) == ProcessStart(::getpid()));
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  REQUIRE(child > 0);
  CHECK(ProcessStart(child) >= ProcessStart(::getpid()));
  REQUIRE(::kill(child, SIGKILL) == 0);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(ProcessStart(child) == 0);  // it is there as a zombie
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(ProcessStart(child) == 0);
  CHECK(ProcessStart(0) == 0);
}

TEST_CASE("a process whose first thread has ended lives as long as the others") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread([] {
      for (;;) ::pause();
    }).detach();
    ::syscall(SYS_exit, 0);  // of this thread alone, and nothing is unwound
  }
  REQUIRE(child > 0);
  while (!ShownAsEnded(child)) ::poll(nullptr, 0, 1);
  CHECK(ProcessStart(child) > 0);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
}

}  // namespace berth::base
