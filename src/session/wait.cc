#include "session/wait.h"

#include <poll.h>

namespace berth::session {

Woken Wait(const WaitFor& what, const Clock& clock, Deadline deadline) {
  pollfd fds[2] = {{.fd = what.fd, .events = what.events, .revents = 0},
                   {.fd = what.other, .events = what.other_events, .revents = 0}};
  for (;;) {
    const auto left = deadline.Left(clock);
    const int ready = ::poll(fds, 2, static_cast<int>(left.count()));
    if (ready > 0 && fds[1].revents != 0) return Woken::kOther;
    if (ready > 0) return Woken::kReady;
    if (deadline.Passed(clock)) return Woken::kTimeout;  // else interrupted by a signal, or a day has gone by
  }
}

}  // namespace berth::session
