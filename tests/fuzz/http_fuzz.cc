#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "dataapi/answer.h"
#include "dataapi/http_server.h"

namespace {

namespace api = berth::dataapi;

struct World {
  std::unique_ptr<api::HttpServer> server;
  sockaddr_in address{};

  World() {
    auto listener = api::Listen("127.0.0.1:0");
    if (!listener.ok()) std::abort();
    address.sin_family = AF_INET;
    address.sin_port = htons(listener.value().port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::vector<api::Listener> listeners;
    listeners.push_back(std::move(listener).value());
    auto started = api::HttpServer::Start(
        {.threads = 1, .header_bytes_max = 4096, .body_bytes_max = 65536}, std::move(listeners),
        [](const api::HttpRequest& request, const api::HttpServer::Reply& reply) {
          if (request.body.size() > 65536) std::abort();
          reply(api::AnswerOf(std::string("{}")));
        },
        [](const api::Refusal& refusal) { return api::AnswerOf(refusal); });
    if (!started.ok()) std::abort();
    server = std::move(started).value();
  }
};

}  // namespace

// Whatever bytes a client sends and then ends: the server answers what it understands and closes the connection.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World& world = *new World;  // as long as the program
  const berth::base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&world.address), sizeof world.address) != 0) return 0;
  const linger at_once{.l_onoff = 1, .l_linger = 0};  // no port of this machine is kept for a minute
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  if (size > 0) ::send(fd.get(), data, size, MSG_NOSIGNAL);
  ::shutdown(fd.get(), SHUT_WR);
  char buffer[4096];
  while (::recv(fd.get(), buffer, sizeof buffer, 0) > 0) {
  }
  return 0;
}
