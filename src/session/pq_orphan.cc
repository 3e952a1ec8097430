// Cancels what a session runs that belongs to no process any more.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <string.h>

#include "base/try.h"
#include "session/pq_connect.h"
#include "session/resolve.h"
#include "session/wait.h"

namespace berth::session {
namespace {

bool SetAddress(const std::string& text, std::uint16_t port, CancelTarget& target) {
  target.address = {};
  sockaddr_in four{.sin_family = AF_INET, .sin_port = htons(port)};
  sockaddr_in6 six{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    ::memcpy(&target.address, &four, target.address_size = sizeof four);
  } else if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    ::memcpy(&target.address, &six, target.address_size = sizeof six);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Status SendCancel(const ConnectParams& params, CancelTarget target, const Clock& clock, Deadline deadline) {
  BERTH_ASSIGN(const auto addresses, Resolve(params.host, clock, deadline, nullptr));
  for (const std::string& address : addresses) {
    if (!SetAddress(address, params.port, target)) continue;
    CancelRequest request(target);
    while (!request.done()) {
      const WaitFor what{.fd = request.fd(), .events = request.events()};
      if (Wait(what, clock, deadline) == Woken::kTimeout) break;
      request.Advance();
    }
    if (request.sent()) return {};
  }
  return Error{.code = ErrorCode::kUnavailable,
               .message = fmt::format("no cancel request reached {} port {}", params.host, params.port)};
}

}  // namespace berth::session
