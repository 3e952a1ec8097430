#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::bind {

struct HostPort {
  std::string host;  // IPv6 without brackets
  std::uint16_t port = 5439;
};

// A JDBC URL as the Amazon Redshift driver 2.x reads it (reference: the driver's Driver.java; its vectors are in
// tests/unit/bind). Property names are lower-cased; the last of two wins, as in the driver.
struct JdbcUrl {
  bool iam = false;
  std::vector<HostPort> hosts;  // one, unless the URL lists several
  std::string database;         // may be empty
  std::string cluster_id, region, serverless_account, serverless_workgroup;  // iam form only, inferred from the host
  std::map<std::string, std::string> properties;
};

// Errors: kInvalidArgument, which names the part that is wrong and shows the right form; never the value of a password.
// A `<host_name>` placeholder left in the URL is named as such.
Result<JdbcUrl> ParseJdbcUrl(std::string_view url);

}  // namespace berth::bind
