#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_range.h"

// HTTP as plain data, so that only the listener knows the library that speaks it.
namespace berth::dataapi {

struct HttpHeader {
  std::string name;  // of a request: in lower case
  std::string value;
};

struct HttpRequest {
  std::string method;
  std::string target;               // "/", with the query
  std::vector<HttpHeader> headers;  // as received, repeated ones too
  std::string body;
  std::string peer;  // the client's address, without its port
  bool tls = false;

  // The first one of that name (lower case); nullptr: none.
  const std::string* Find(std::string_view name) const {
    for (const auto& header : headers) {
      if (header.name == name) return &header.value;
    }
    return nullptr;
  }
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::vector<HttpHeader> headers;
  std::optional<base::FileRange> file;  // the body begins with these bytes
  std::string body;                     // the rest of it
  std::chrono::milliseconds hold{0};    // it is not sent before
};

}  // namespace berth::dataapi
