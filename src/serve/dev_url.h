#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::serve {

// What `berth serve --dev postgresql://user:password@host:port/database?sslmode=..` says, as a connection has it.
struct DevServer {
  std::string connection_string;  // "jdbc:redshift://host:port/database?.."
  std::string user;
  std::string password;
};

// Percent signs in user and password are decoded. Without a port it is 5432, without a database the user's name. On the
// loopback TLS is off unless the URL has an sslmode. Errors: kInvalidArgument.
Result<DevServer> ReadDevUrl(std::string_view url);

}  // namespace berth::serve
