#include "support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace berth::test {
namespace {

constexpr std::size_t kPieceMax = 16'384;

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// A small piece is passed whole, so a blocking send cannot leave half of it; what is passed to one that does not read
// is bounded by the sockets' buffers.
bool SendAll(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

struct FaultProxy::Link {
  int client = -1;
  int server = -1;
  Fault fault;
  bool stalled = false;

  ~Link() {
    ::close(client);
    ::close(server);
  }
  void Reset() const {
    const linger now{.l_onoff = 1, .l_linger = 0};
    for (const int fd : {client, server}) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
};

FaultProxy::FaultProxy(std::uint16_t server_port)
    : server_port_(server_port),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      wake_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the fault proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&FaultProxy::Run, this);
}

FaultProxy::~FaultProxy() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  ::eventfd_write(wake_, 1);
  thread_.join();
  links_.clear();
  ::close(listener_);
  ::close(wake_);
}

void FaultProxy::OnNewLinks(Fault fault) {
  const std::lock_guard lock(mutex_);
  new_links_ = fault;
}

void FaultProxy::OnOpenLinks(Fault fault) {
  const std::lock_guard lock(mutex_);
  for (const auto& link : links_) link->fault = fault;
}

void FaultProxy::AcceptNone(bool none) {
  {
    const std::lock_guard lock(mutex_);
    accept_none_ = none;
  }
  ::eventfd_write(wake_, 1);
}

void FaultProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto link = std::make_unique<Link>();
  link->client = client;
  link->server = server;
  link->fault = new_links_;
  const sockaddr_in address = Loopback(server_port_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  links_.push_back(std::move(link));
}

bool FaultProxy::Pass(Link& link, Fault::Way way) {
  const bool to_server = way == Fault::Way::kToServer;
  std::array<char, kPieceMax> bytes{};
  const ssize_t got = ::recv(to_server ? link.client : link.server, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  auto size = static_cast<std::size_t>(got);
  const bool counts = link.fault.kind != Fault::Kind::kNone && link.fault.way == way;
  const bool strikes = counts && size > link.fault.after;
  if (strikes) size = link.fault.after;
  if (counts) link.fault.after -= size;
  if (!SendAll(to_server ? link.server : link.client, bytes.data(), size)) return false;
  if (!strikes) return true;
  if (link.fault.kind == Fault::Kind::kStall) {
    link.stalled = true;
    return true;
  }
  if (link.fault.kind == Fault::Kind::kReset) link.Reset();
  return false;
}

void FaultProxy::Run() {
  for (;;) {
    std::vector<pollfd> fds;
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      fds.push_back({.fd = wake_, .events = POLLIN, .revents = 0});
      fds.push_back({.fd = accept_none_ ? -1 : listener_, .events = POLLIN, .revents = 0});
      count = links_.size();
      for (const auto& link : links_) {  // a stalled link is not looked at, whatever its ends do
        fds.push_back({.fd = link->stalled ? -1 : link->client, .events = POLLIN, .revents = 0});
        fds.push_back({.fd = link->stalled ? -1 : link->server, .events = POLLIN, .revents = 0});
      }
    }
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    eventfd_t ignored = 0;
    if (fds[0].revents != 0) ::eventfd_read(wake_, &ignored);
    for (std::size_t i = count; i-- > 0;) {
      const bool from_client = fds[2 + 2 * i].revents != 0;
      const bool from_server = fds[3 + 2 * i].revents != 0;
      Link& link = *links_[i];
      const bool goes_on = (!from_client || Pass(link, Fault::Way::kToServer)) &&
                           (!from_server || link.stalled || Pass(link, Fault::Way::kToClient));
      if (!goes_on) links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (fds[1].revents != 0 && !accept_none_) Accept();
  }
}

}  // namespace berth::test
