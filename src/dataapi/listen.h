#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "berth/error.h"

namespace berth::dataapi {

// A listening socket and what it listens on.
struct Listener {
  base::UniqueFd fd;
  std::string address;  // "127.0.0.1", "::1"
  std::uint16_t port = 0;
  bool loopback = false;
};

// "127.0.0.1:8439", "[::1]:8439", "localhost:0"; port 0 takes a free one. Errors: kInvalidArgument (the text),
// kUnavailable (the address is taken, or is none of this machine's).
Result<Listener> Listen(std::string_view address);

// The sockets that systemd (or whoever keeps the port open while one process follows another) has handed over, by its
// protocol: LISTEN_PID is this process, LISTEN_FDS their number, from descriptor 3 on. Empty: none were. They are made
// close-on-exec. `environment` reads a variable. Errors: kInvalidArgument (one is no listening internet socket).
Result<std::vector<Listener>> InheritedListeners(std::string (*environment)(const char* name));

}  // namespace berth::dataapi
