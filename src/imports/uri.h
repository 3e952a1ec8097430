#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace berth::imports {

// scheme://user:password@host:port/path?query, each part without its escapes. A password may stand in it: it is for
// taking apart, not for showing.
struct Uri {
  std::string scheme, user, host, path;
  std::string password;
  std::string port;
  std::map<std::string, std::string> query;
};
// nullopt: it is none.
std::optional<Uri> ReadUri(std::string_view text);

// "%20" as " "; what is no escape stays.
std::string Unescaped(std::string_view text);
// For a value in a connection string.
std::string Escaped(std::string_view text);

}  // namespace berth::imports
