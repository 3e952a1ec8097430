#include "engine/same_login.h"

#include <algorithm>
#include <iterator>

namespace berth::engine {

bool SameLogin(const catalog::Connection& a, const catalog::Connection& b) {
  return a.host == b.host && a.port == b.port && a.user_name == b.user_name;
}

std::vector<catalog::Connection> SameUser(const std::vector<catalog::Connection>& all,
                                          const catalog::Connection& connection) {
  std::vector<catalog::Connection> same;
  std::copy_if(all.begin(), all.end(), std::back_inserter(same),
               [&](const catalog::Connection& other) { return SameLogin(other, connection); });
  return same;
}

}  // namespace berth::engine
