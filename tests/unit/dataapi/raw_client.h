#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "base/unique_fd.h"

namespace berth::test {

// An HTTP client that sends any bytes and reads answers by their Content-Length. Waits at most ten seconds for each.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool connected() const { return connected_; }

  void Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // what it then reads says why
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void CloseSending() const { ::shutdown(fd_.get(), SHUT_WR); }
  // Head and body of the next answer; "": the connection was closed before.
  std::string Read() {
    while (true) {
      const auto end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto whole = end + 4 + LengthIn(pending_.substr(0, end));
        if (pending_.size() >= whole) {
          auto answer = pending_.substr(0, whole);
          pending_.erase(0, whole);
          return answer;
        }
      }
      if (!More()) return "";
    }
  }
  std::string Ask(std::string_view bytes) {
    Send(bytes);
    return Read();
  }
  bool Closed() {
    while (More()) {
    }
    return closed_;
  }

 private:
  static std::size_t LengthIn(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }
  bool More() {
    pollfd wait{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 10'000) != 1) return false;
    char buffer[65536];
    const auto got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got <= 0) {
      closed_ = true;
      return false;
    }
    pending_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  base::UniqueFd fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string pending_;
};

}  // namespace berth::test
