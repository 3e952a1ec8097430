#include "support/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace berth::test {
namespace {

std::string Int32(std::uint32_t value) {
  const std::uint32_t net = htonl(value);
  return {reinterpret_cast<const char*>(&net), sizeof net};
}
std::string Int16(std::uint16_t value) {
  const std::uint16_t net = htons(value);
  return {reinterpret_cast<const char*>(&net), sizeof net};
}
std::string Text(const std::string& value) {
  return value + '\0';
}

std::uint32_t ReadInt32(const char* bytes) {
  std::uint32_t net = 0;
  std::char_traits<char>::copy(reinterpret_cast<char*>(&net), bytes, sizeof net);
  return ntohl(net);
}

constexpr std::uint32_t kSslRequest = 80'877'103;

}  // namespace

bool FakePeer::Take(char* into, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::recv(fd_, into + done, size - done, 0);
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

std::string FakePeer::Startup() {
  char length[4];
  while (Take(length, sizeof length)) {
    std::string body(ReadInt32(length) - sizeof length, '\0');
    if (!Take(body.data(), body.size())) break;
    if (ReadInt32(body.data()) != kSslRequest) return body;
    Send("N");
  }
  return {};
}

void FakePeer::TlsWish() {
  char wish[2 * sizeof(std::int32_t)];
  Take(wish, sizeof wish);
}

FakePeer::Message FakePeer::Read() {
  char head[5];
  if (!Take(head, sizeof head)) return {};
  Message message{.type = head[0], .body = std::string(ReadInt32(head + 1) - 4, '\0')};
  if (!Take(message.body.data(), message.body.size())) return {};
  return message;
}

void FakePeer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void FakePeer::Say(char type, std::string_view body) {
  Send(std::string(1, type) + Int32(static_cast<std::uint32_t>(body.size() + 4)) + std::string(body));
}

void FakePeer::Welcome(const std::string& version) {
  Say('R', Int32(0));
  Say('S', Text("server_version") + Text(version));
  Say('S', Text("client_encoding") + Text("UNICODE"));
  Say('K', Int32(77) + Int32(99));
  Ready();
}

void FakePeer::Ready(char state) {
  Say('Z', std::string(1, state));
}

void FakePeer::Complete(const std::string& tag) {
  Say('C', Text(tag));
}

void FakePeer::Refuse(const std::string& severity, const std::string& sqlstate, const std::string& message) {
  Say('E', "S" + Text(severity) + "C" + Text(sqlstate) + "M" + Text(message) + '\0');
}

void FakePeer::OneText(const std::string& value) {
  Say('T', Int16(1) + Text("value") + Int32(0) + Int16(0) + Int32(25) + Int16(0xFFFF) + Int32(0xFFFFFFFF) + Int16(0));
  Say('D', Int16(1) + Int32(static_cast<std::uint32_t>(value.size())) + value);
  Complete("SELECT");
}

void FakePeer::AwaitHangUp() {
  char ignored = 0;
  while (Take(&ignored, 1)) {
  }
}

FakeServer::FakeServer(std::function<void(FakePeer&, int)> talk) : talk_(std::move(talk)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("FakeServer: cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

FakeServer::~FakeServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : links_) ::shutdown(fd, SHUT_RDWR);
  }
  for (auto& talker : talkers_) talker.join();
  for (const int fd : links_) ::close(fd);
  ::close(listener_);
}

void FakeServer::Accept() {
  for (int link = 0;; ++link) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    {
      const std::lock_guard lock(mutex_);
      links_.push_back(fd);
    }
    talkers_.emplace_back([this, fd, link] {
      FakePeer peer(fd);
      talk_(peer, link);
      ::shutdown(fd, SHUT_RDWR);
    });
  }
}

}  // namespace berth::test
