#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <thread>

#include "support/redshift_manners.h"

namespace berth::test {

// Stands on loopback in front of a PostgreSQL server and makes it behave as Redshift where that differs. Two threads a
// link. A CancelRequest is passed on; SSLRequest is answered N. The client's end of a link is closed only once the
// server has closed its own.
class RedshiftProxy {
 public:
  RedshiftProxy(std::uint16_t server_port, RedshiftManners manners);
  ~RedshiftProxy();
  RedshiftProxy(const RedshiftProxy&) = delete;
  RedshiftProxy& operator=(const RedshiftProxy&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  class Link;
  void Accept();

  const std::uint16_t server_port_;
  const RedshiftManners manners_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::list<std::unique_ptr<Link>> links_;  // of the acceptor's thread
  std::thread acceptor_;
};

}  // namespace berth::test
