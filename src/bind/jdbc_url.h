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
  std::vector<HostPort> hosts;  // one, unless the URL lists several; none where the iam form names cluster and region
  std::string database;         // may be empty
  std::string cluster_id, region, serverless_account, serverless_workgroup;  // iam form only, inferred from the host
  std::map<std::string, std::string> properties;
};

// Errors: kInvalidArgument, which names the part that is wrong, points at it (the span counts in `url`) and shows the
// right form; never the value of a password. A `<host_name>` placeholder left in the URL is named as such. Stricter
// than the driver in what can never be meant: user:password@host, escapes that are not UTF-8 or a NUL, URLs beyond
// kUrlBytesMax. What a *connection* may have for a URL is stricter still: connection_url.h.
Result<JdbcUrl> ParseJdbcUrl(std::string_view url);

inline constexpr std::uint16_t kPortDefault = 5439;
inline constexpr std::size_t kUrlBytesMax = 4'096;
inline constexpr std::string_view kUrlForm = "The form is jdbc:redshift://host:5439/database.";

}  // namespace berth::bind
