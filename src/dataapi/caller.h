#pragma once

#include <string>

namespace berth::dataapi {

// Whose request it is.
struct Caller {
  std::string user;    // a service user; kLocalUser where nobody signs
  std::string key_id;  // empty where nobody signs
  std::string peer;    // the client's address
};

inline constexpr const char* kLocalUser = "local";

}  // namespace berth::dataapi
