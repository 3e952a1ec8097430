#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "parser/ast.h"

namespace berth::bind {

// What CREATE JOB or ALTER JOB .. SET says, as meant; only what is given.
struct JobOptions {
  std::optional<std::string> comment;
  std::optional<parser::Identifier> connection;
  std::optional<std::chrono::milliseconds> run_interval;
  std::optional<std::string> schedule, time_zone;
  std::optional<bool> auto_commit;
  std::optional<std::chrono::milliseconds> run_timeout;
  std::optional<std::int32_t> retries;
  std::optional<std::chrono::milliseconds> retry_delay;
  std::vector<parser::Option> without_effect;  // Upsolver's, kept as they are
};

// Errors (all with a span): unknown option (did you mean), given twice, wrong type, out of range; a RUN_INTERVAL that
// does not divide a day; RUN_INTERVAL and SCHEDULE together; a schedule or time zone that there is not.
Result<JobOptions> BindJob(const std::vector<parser::Option>& options);
// What ALTER JOB .. UNSET may name: all but CONNECTION.
Status BindJobUnset(const parser::AlterConnectionUnset& change);
// Upsolver's options that mean nothing here.
bool IsWithoutEffect(std::string_view name);
// TIMEOUT of RUN JOB: as RUN_TIMEOUT, without 0. Errors: as above.
Result<std::chrono::milliseconds> BindRunTimeout(const parser::Value& value);

inline constexpr std::int32_t kRetriesMax = 20;
inline constexpr std::chrono::milliseconds kRetryDelayDefault{30'000};

}  // namespace berth::bind
