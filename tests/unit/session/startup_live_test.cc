// What of a connection string reaches the socket and the server, seen from there.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include "live.h"

namespace berth::session::live {
namespace {

int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(fd, level, name, &value, &size) == 0);
  return value;
}

// This process's only socket to `port`.
int SocketTo(std::uint16_t port) {
  std::optional<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) found = fd;
  }
  REQUIRE(found.has_value());
  return *found;
}

TEST_CASE("tcpKeepAlive of the URL; on unless it says otherwise") {
  {
    const auto session = Open();
    const int fd = SocketTo(Server().port());
    CHECK(Option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(Option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    CHECK(Option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 10);
    CHECK(Option(fd, IPPROTO_TCP, TCP_KEEPCNT) == 6);
    CHECK(Option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 60'000);
  }
  auto params = Params();
  params.tcp_keepalive = false;
  const auto session = Open(params);
  CHECK(Option(SocketTo(Server().port()), SOL_SOCKET, SO_KEEPALIVE) == 0);
}

TEST_CASE("a statement that the server answers steadily is no silence") {
  auto params = Params();
  params.socket_timeout = std::chrono::milliseconds(400);
  const auto session = Open(params);
  // 1.2 s of work, and never 0.4 s without a word: each row is longer than the server's buffer.
  auto rows = session->Execute("select repeat('x', 20000), pg_sleep(0.1) from generate_series(1, 12)", {}, Soon());
  REQUIRE(rows.ok());
  int count = 0;
  for (auto row = rows.value()->Next();; row = rows.value()->Next()) {
    REQUIRE_MESSAGE(row.ok(), row.error().message);
    if (!row.value()) break;
    ++count;
  }
  CHECK(count == 12);
}

}  // namespace
}  // namespace berth::session::live
