#include "dataapi/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "base/try.h"

namespace berth::dataapi {
namespace {

constexpr int kBacklog = 1024;      // connections that the kernel keeps until they are accepted
constexpr int kFirstInherited = 3;  // systemd's protocol
constexpr int kInheritedMax = 16;   // sockets

std::string Why(int error) {
  return std::generic_category().message(error);
}

// What a bound socket is bound to.
Result<Listener> Described(base::UniqueFd fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  std::array<char, INET6_ADDRSTRLEN> text{};
  Listener listener;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "not a socket: " + Why(errno)};
  }
  if (name.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(name);
    ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    listener.port = ntohs(in.sin_port);
    listener.loopback = (ntohl(in.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  } else if (name.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(name);
    ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    listener.port = ntohs(in.sin6_port);
    listener.loopback = IN6_IS_ADDR_LOOPBACK(&in.sin6_addr) != 0;
  } else {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "not an internet socket"};
  }
  listener.address = text.data();
  listener.fd = std::move(fd);
  return listener;
}

Result<Listener> BindTo(const addrinfo& where, std::string_view address) {
  base::UniqueFd fd(::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, where.ai_protocol));
  const int one = 1;
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (!fd || ::bind(fd.get(), where.ai_addr, where.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return Error{.code = ErrorCode::kUnavailable,
                 .message = fmt::format("cannot listen on {}: {}", address, Why(errno))};
  }
  return Described(std::move(fd));
}

Error NoAddress(std::string_view address) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("\"{}\" is no address to listen on", address),
               .hint = "Write HOST:PORT, for example 127.0.0.1:8439 or [::1]:8439."};
}

}  // namespace

Result<Listener> Listen(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return NoAddress(address);
  std::string host(address.substr(0, colon));
  const std::string port(address.substr(colon + 1));
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (bad != std::errc() || end != port.data() + port.size()) return NoAddress(address);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const addrinfo hints{.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot listen on {}: {}", address, ::gai_strerror(error))};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  return BindTo(*found, address);
}

Result<std::vector<Listener>> InheritedListeners(std::string (*environment)(const char* name)) {
  std::vector<Listener> out;
  if (environment("LISTEN_PID") != std::to_string(::getpid())) return out;
  const auto text = environment("LISTEN_FDS");
  int count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  if (count > kInheritedMax) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("LISTEN_FDS is {}; the limit is {} sockets", count, kInheritedMax)};
  }
  for (int i = 0; i < count; ++i) {
    base::UniqueFd fd(kFirstInherited + i);
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    auto listener = Described(std::move(fd));
    if (!listener.ok()) {
      auto error = std::move(listener).TakeError();
      error.message = fmt::format("descriptor {} of LISTEN_FDS: {}", kFirstInherited + i, error.message);
      return error;
    }
    out.push_back(std::move(listener).value());
  }
  return out;
}

}  // namespace berth::dataapi
