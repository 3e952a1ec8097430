#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace berth::test {

// What goes wrong on a link: after `after` more bytes in one direction.
struct Fault {
  enum class Kind : std::uint8_t {
    kNone,
    kDrop,   // both ends are hung up on
    kReset,  // as a host that is gone and back: RST to both
    kStall,  // nothing more is passed on, in either direction, and nobody hangs up
  };
  enum class Way : std::uint8_t { kToServer, kToClient };
  Kind kind = Kind::kNone;
  Way way = Way::kToServer;
  std::size_t after = 0;
};

// A proxy on loopback between a client and a server on loopback, on one thread of its own. Faults count bytes from the
// moment at which they are set.
class FaultProxy {
 public:
  explicit FaultProxy(std::uint16_t server_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // For links that come from now on.
  void OnNewLinks(Fault fault);
  // For the links that there are now. Not while a client leaves an answer unread: the proxy then waits for him.
  void OnOpenLinks(Fault fault);
  // Clients get as far as the kernel's queue and no further.
  void AcceptNone(bool none);

 private:
  struct Link;

  void Run();
  void Accept();
  bool Pass(Link& link, Fault::Way way);  // false: the link is over

  const std::uint16_t server_port_;
  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // for all below
  bool stop_ = false;
  bool accept_none_ = false;
  Fault new_links_;
  std::vector<std::unique_ptr<Link>> links_;
  std::thread thread_;
};

}  // namespace berth::test
