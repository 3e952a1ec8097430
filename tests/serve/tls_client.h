#pragma once

#include <cstdint>
#include <string>

namespace berth::test {

// One POST over TLS on a connection of its own; nothing is verified.
struct TlsAnswer {
  std::string common_name;  // of the server's certificate; "": no connection
  std::string text;         // head and body
};
TlsAnswer PostOverTls(std::uint16_t port, const std::string& operation, const std::string& body);

}  // namespace berth::test
