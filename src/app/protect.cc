#include "app/protect.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace berth::app {

ProcessState Protect() {
  ProcessState before;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is fd; what is written there fails.
    ::open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
  }
  ::getrlimit(RLIMIT_CORE, &before.core);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.core.rlim_max};
  ::setrlimit(RLIMIT_CORE, &none);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before.pipe);
  ::sigaction(SIGXFSZ, &ignore, &before.file_size);
  return before;
}

void Unprotect(const ProcessState& before) {
  ::setrlimit(RLIMIT_CORE, &before.core);
  ::sigaction(SIGPIPE, &before.pipe, nullptr);
  ::sigaction(SIGXFSZ, &before.file_size, nullptr);
}

}  // namespace berth::app
