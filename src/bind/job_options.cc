#include "bind/job_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/try.h"
#include "bind/option_names.h"
#include "bind/option_values.h"
#include "bind/timetable.h"

namespace berth::bind {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRunInterval = "RUN_INTERVAL";
constexpr std::string_view kSchedule = "SCHEDULE";
constexpr milliseconds kDay{86'400'000};
constexpr TimeRange kIntervals{.least = milliseconds(1'000), .most = kDay};
constexpr TimeRange kRunTimeouts{.least = milliseconds(100), .most = 7 * kDay, .off = true};
constexpr TimeRange kRetryDelays{.least = milliseconds(100), .most = milliseconds(3'600'000)};

constexpr std::string_view kKnown[] = {"COMMENT",     "CONNECTION",  "RUN_INTERVAL", "SCHEDULE",   "TIME_ZONE",
                                       "AUTO_COMMIT", "RUN_TIMEOUT", "RETRIES",      "RETRY_DELAY"};
// Upsolver's options of a job that writes to Redshift: about its own clusters, event times and files.
constexpr std::string_view kWithoutEffect[] = {"START_FROM",
                                               "END_AT",
                                               "COMPUTE_CLUSTER",
                                               "SKIP_VALIDATIONS",
                                               "RUN_PARALLELISM",
                                               "SKIP_ALL_VALIDATIONS",
                                               "SKIP_FAILED_FILES",
                                               "FAIL_ON_WRITE_ERROR",
                                               "AGGREGATION_PARALLELISM"};

OptionNames JobOptionNames() {
  OptionNames names{.object = "job", .known = {std::begin(kKnown), std::end(kKnown)}, .later = {}};
  names.known.insert(names.known.end(), std::begin(kWithoutEffect), std::end(kWithoutEffect));
  return names;
}

Result<parser::Identifier> ConnectionOf(const parser::Option& option) {
  if (option.value.form == parser::ValueForm::kIdentifier) {
    return parser::Identifier{.name = option.value.text, .span = option.value.span};
  }
  return ValueError(option,
                    fmt::format("CONNECTION takes the name of a connection, not {}", FormName(option.value.form)),
                    "Write CONNECTION = c, or CONNECTION = \"C\" for a name that needs quotes.");
}

Result<bool> SwitchOf(const parser::Option& option) {
  if (option.value.form == parser::ValueForm::kBoolean) return option.value.text == "true";
  return ValueError(option,
                    fmt::format("{} takes TRUE or FALSE, not {}", option.name.name, FormName(option.value.form)));
}

Result<milliseconds> IntervalOf(const parser::Option& option) {
  BERTH_ASSIGN(const auto interval, TimeOf(option, kIntervals));
  if (kDay % interval == milliseconds(0)) return interval;
  return ValueError(
      option, fmt::format("{} cannot be {}: it does not divide a day", kRunInterval, TimeText(interval)),
      "Choose one that does, such as 1 MINUTE, 15 MINUTES or 6 HOURS; SCHEDULE = '..' knows other times.");
}

Error At(const parser::Option& option, Error error) {
  error.span = option.value.span;
  return error;
}

Result<std::string> ScheduleOf(const parser::Option& option) {
  BERTH_ASSIGN(auto text, StringOf(option, "'0 6 * * MON-FRI'"));
  if (auto cron = ParseCron(text); !cron.ok()) return At(option, std::move(cron).TakeError());
  auto read = ReadTimetable(milliseconds(0), text, "");
  if (!read.ok()) return At(option, std::move(read).TakeError());
  return text;
}

Result<std::string> ZoneOf(const parser::Option& option) {
  BERTH_ASSIGN(auto text, StringOf(option, "'Europe/Berlin'"));
  if (auto checked = CheckTimeZone(text); !checked.ok()) return At(option, std::move(checked).TakeError());
  return text;
}

Status BindOne(const parser::Option& option, JobOptions& out) {
  const auto& name = option.name.name;
  if (name == "COMMENT") {
    BERTH_ASSIGN(out.comment, CommentOf(option));
  } else if (name == "CONNECTION") {
    BERTH_ASSIGN(out.connection, ConnectionOf(option));
  } else if (name == kRunInterval) {
    BERTH_ASSIGN(out.run_interval, IntervalOf(option));
  } else if (name == kSchedule) {
    BERTH_ASSIGN(out.schedule, ScheduleOf(option));
  } else if (name == "TIME_ZONE") {
    BERTH_ASSIGN(out.time_zone, ZoneOf(option));
  } else if (name == "AUTO_COMMIT") {
    BERTH_ASSIGN(out.auto_commit, SwitchOf(option));
  } else if (name == "RUN_TIMEOUT") {
    BERTH_ASSIGN(out.run_timeout, TimeOf(option, kRunTimeouts));
  } else if (name == "RETRIES") {
    BERTH_ASSIGN(out.retries, CountOf(option, 0, kRetriesMax));
  } else if (name == "RETRY_DELAY") {
    BERTH_ASSIGN(out.retry_delay, TimeOf(option, kRetryDelays));
  } else {
    out.without_effect.push_back(option);
  }
  return {};
}

}  // namespace

bool IsWithoutEffect(std::string_view name) {
  return std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), name) != std::end(kWithoutEffect);
}

Result<JobOptions> BindJob(const std::vector<parser::Option>& options) {
  BERTH_TRY(CheckOptionNames(JobOptionNames(), NamesOf(options)));
  JobOptions out;
  for (const auto& option : options) {
    BERTH_TRY(BindOne(option, out));
    const bool when = option.name.name == kRunInterval || option.name.name == kSchedule;
    if (!when || !out.run_interval || !out.schedule) continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{} and {} exclude each other", kRunInterval, kSchedule),
                 .hint = "Keep one of them.",
                 .span = option.name.span};
  }
  return out;
}

Status BindJobUnset(const parser::AlterConnectionUnset& change) {
  std::vector<const parser::Identifier*> given;
  for (const auto& name : change.options) given.push_back(&name);
  BERTH_TRY(CheckOptionNames(JobOptionNames(), given));
  for (const auto& name : change.options) {
    if (name.name != "CONNECTION") continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "a job cannot be without a connection",
                 .hint = "SET CONNECTION = d moves it to another.",
                 .span = name.span};
  }
  return {};
}

Result<milliseconds> BindRunTimeout(const parser::Value& value) {
  parser::Option option;
  option.name.name = "TIMEOUT";
  option.value = value;
  return TimeOf(option, {.least = kRunTimeouts.least, .most = kRunTimeouts.most});
}

}  // namespace berth::bind
