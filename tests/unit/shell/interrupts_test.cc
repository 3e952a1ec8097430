#include "shell/interrupts.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "fakes.h"

using berth::shell::Interrupts;
using berth::shell::SignalWatcher;
using berth::shell::test::FakeConversation;

namespace {

bool Awake(const Interrupts& interrupts, int wait_ms) {
  pollfd wake{.fd = interrupts.wake_fd(), .events = POLLIN, .revents = 0};
  return ::poll(&wake, 1, wait_ms) == 1;
}

}  // namespace

TEST_CASE("An interrupt stays pending until it is cleared, and cancels only what runs") {
  Interrupts interrupts;
  FakeConversation conversation;
  CHECK_FALSE(Awake(interrupts, 0));
  CHECK(interrupts.Raise());
  CHECK(interrupts.pending());
  CHECK(Awake(interrupts, 0));
  CHECK_FALSE(interrupts.Raise());
  CHECK(conversation.cancels == 0);
  {
    const Interrupts::Running running(interrupts, conversation);
    interrupts.Repeat();
    CHECK(conversation.cancels == 1);
  }
  interrupts.Repeat();
  CHECK(conversation.cancels == 1);
  interrupts.Clear();
  CHECK_FALSE(interrupts.pending());
  CHECK_FALSE(Awake(interrupts, 0));
  const Interrupts::Running running(interrupts, conversation);
  interrupts.Repeat();
  CHECK(conversation.cancels == 1);
}

TEST_CASE("SIGINT cancels what runs and does not end the program; a second one does, where that is wanted") {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Interrupts interrupts;
    FakeConversation conversation;
    const auto watcher = SignalWatcher::Start(interrupts, SignalWatcher::Second::kExits);
    const Interrupts::Running running(interrupts, conversation);
    ::kill(::getpid(), SIGINT);
    if (!Awake(interrupts, 10'000)) ::_exit(1);
    pollfd never{.fd = ready[0], .events = POLLIN, .revents = 0};
    while (conversation.cancels < 2) ::poll(&never, 1, 10);  // it is told again while it does not end
    ::kill(::getpid(), SIGINT);
    ::poll(&never, 1, 10'000);
    ::_exit(2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  ::close(ready[0]);
  ::close(ready[1]);
}
