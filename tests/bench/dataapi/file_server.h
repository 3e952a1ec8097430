#pragma once

#include <cstdint>

namespace berth::bench {

// A process that serves pieces of files: GET /OFFSET/LENGTH/PATH is answered with a head and sendfile(), one connection
// at a time. It goes with this process. To be made before any thread is.
class FileServer {
 public:
  FileServer();
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;
  ~FileServer();
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  int pid_ = -1;
};

}  // namespace berth::bench
