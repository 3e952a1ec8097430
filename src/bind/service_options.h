#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "berth/error.h"
#include "parser/ast.h"

// What the statements on service users, their keys and grants say, as meant. Errors (all with a span): unknown option,
// given twice, wrong form, out of range.
namespace berth::bind {

struct ServiceUserOptions {
  std::optional<bool> admin;
  std::optional<std::string> comment;
};
Result<ServiceUserOptions> BindServiceUser(const std::vector<parser::Option>& options);
// ADMIN goes back to FALSE, COMMENT to none: what is unset is set in the result.
Result<ServiceUserOptions> BindServiceUserUnset(const parser::AlterConnectionUnset& change);

struct AccessKeyOptions {
  std::optional<std::chrono::milliseconds> expires_in;  // EXPIRES = 90 DAYS
  std::optional<std::string> expires_at;                // EXPIRES = '2027-01-31T12:00:00Z': in that form, with 000 ms
  std::optional<std::string> comment;
  parser::Span expires_span;
};
Result<AccessKeyOptions> BindAccessKey(const std::vector<parser::Option>& options);

struct GrantLimits {
  std::optional<std::int32_t> max_active, max_concurrent;
};
Result<GrantLimits> BindGrantLimits(const std::vector<parser::Option>& options);

inline constexpr std::chrono::minutes kKeyLifeMin{1};
inline constexpr std::chrono::hours kKeyLifeMax{24 * 3'650};
inline constexpr std::int32_t kActiveMax = 100'000;  // what MAX_ACTIVE and MAX_CONCURRENT may say

}  // namespace berth::bind
