#pragma once

#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/option_values.h"

// The binders of ConnectionTuning's options, for option_table.def.
namespace berth::bind {

inline constexpr bool kOff = true;  // 0 is allowed and turns it off

template <auto member, std::int64_t least_ms, std::int64_t most_ms, bool off = false>
Status BindTime(const parser::Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(out.tuning.*member, TimeOf(option, {.least = std::chrono::milliseconds(least_ms),
                                                   .most = std::chrono::milliseconds(most_ms),
                                                   .off = off}));
  return {};
}

template <auto member, std::int32_t least, std::int32_t most>
Status BindCount(const parser::Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(out.tuning.*member, CountOf(option, least, most));
  return {};
}

Status BindGroup(const parser::Option& option, ConnectionOptions& out);
// As the Data API says: names of clusters and of workgroups, ARNs of workgroups and of secrets.
Status BindClusterIdentifier(const parser::Option& option, ConnectionOptions& out);
Status BindWorkgroup(const parser::Option& option, ConnectionOptions& out);
Status BindSecretArn(const parser::Option& option, ConnectionOptions& out);

inline constexpr std::size_t kClusterIdentifierBytesMax = 63;
inline constexpr std::size_t kWorkgroupBytesMin = 3;
inline constexpr std::size_t kWorkgroupNameBytesMax = 63;
inline constexpr std::size_t kWorkgroupBytesMax = 128;
inline constexpr std::size_t kSecretArnBytesMax = 2'048;

}  // namespace berth::bind
