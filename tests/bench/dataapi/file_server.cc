#include "bench/dataapi/file_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/unique_fd.h"

namespace berth::bench {
namespace {

// "GET /OFFSET/LENGTH/PATH HTTP/1.1"
bool Answer(int client, const std::string& head) {
  constexpr std::string_view kGet = "GET /";
  char* rest = nullptr;
  const char* begin = head.c_str() + kGet.size();
  off_t offset = std::strtoll(begin, &rest, 10);
  const auto length = static_cast<std::size_t>(std::strtoull(rest + 1, &rest, 10));
  const std::string path(rest, head.find(' ', kGet.size()) - static_cast<std::size_t>(rest - head.c_str()));
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", length);
  if (!file || ::send(client, answer.data(), answer.size(), MSG_MORE) != static_cast<ssize_t>(answer.size())) {
    return false;
  }
  for (std::size_t left = length; left > 0;) {
    const auto sent = ::sendfile(client, file.get(), &offset, left);
    if (sent <= 0) return false;
    left -= static_cast<std::size_t>(sent);
  }
  return true;
}

void ServeOne(int client) {
  std::array<char, 4096> chunk{};
  std::string head;
  while (true) {
    const auto got = ::recv(client, chunk.data(), chunk.size(), 0);
    if (got <= 0) return;
    head.append(chunk.data(), static_cast<std::size_t>(got));
    if (!head.ends_with("\r\n\r\n")) continue;
    if (!Answer(client, head)) return;
    head.clear();
  }
}

[[noreturn]] void ServeAll(int listening) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (true) {
    const base::UniqueFd client(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
    const int one = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (client) ServeOne(client.get());
  }
}

}  // namespace

FileServer::FileServer() {
  const base::UniqueFd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening.get(), 16) != 0 ||
      ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the file server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) ServeAll(listening.get());
}

FileServer::~FileServer() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace berth::bench
