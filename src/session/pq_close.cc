#include "session/pq_close.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "session/session.h"
#include "session/unique_fd.h"
#include "session/wait.h"

namespace berth::session {

// PQfinish says goodbye and closes its descriptor, but the server counts the session until its backend is gone, and
// that is when the end of file arrives. A duplicate of the socket keeps the link open long enough to see it.
void CloseAndWait(PqConn conn, const Clock& clock, Deadline deadline) {
  if (conn == nullptr) return;
  const int socket = PQsocket(conn.get());
  const UniqueFd link(socket >= 0 ? ::fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1);
  conn.reset();
  if (!link) return;
  const int patience = static_cast<int>(kCloseWait.count());
  ::setsockopt(link.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  if (::shutdown(link.get(), SHUT_WR) != 0) return;  // not connected (any more)
  char ignored[4096];
  while (Wait({.fd = link.get(), .events = POLLIN}, clock, deadline) == Woken::kReady) {
    const ssize_t got = ::recv(link.get(), ignored, sizeof ignored, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return;
  }
}

}  // namespace berth::session
