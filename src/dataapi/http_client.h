#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::dataapi {

// "https://host:port/path?query", with the port that the scheme has if none is said.
struct HttpUrl {
  bool tls = false;
  std::string host, port, target;
};
// Errors: kInvalidArgument (not http or https, no host, a user in it).
Result<HttpUrl> ReadHttpUrl(std::string_view text);

// One POST of a JSON text on a connection of its own; the status of the answer, whose body is dropped. A server's
// certificate must be one that the system's roots vouch for, with the host's name in it. Blocks for `wait` at most.
// Errors: kUnavailable (no connection, no answer in time), kInternal.
Result<int> PostJson(const HttpUrl& url, const std::string& body, std::chrono::milliseconds wait);

}  // namespace berth::dataapi
