#pragma once

#include <string>
#include <utility>
#include <vector>

#include "session/session.h"

namespace berth::session {

// All that libpq is told of one login: every keyword that it knows, so that no variable and no file has a say.
class Keywords {
 public:
  // `address` is one of host's, numeric.
  Keywords(const ConnectParams& params, const std::string& address);
  Keywords(const Keywords&) = delete;
  Keywords& operator=(const Keywords&) = delete;
  ~Keywords();  // wipes the values

  // For PQconnectStartParams with expand_dbname; valid as long as this lives.
  std::vector<const char*> names() const;
  std::vector<const char*> values() const;

 private:
  std::vector<std::pair<const char*, std::string>> pairs_;
};

}  // namespace berth::session
