#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "bind/cron.h"

namespace berth::bind {

// When a job is due: each whole multiple of `run_interval` since 1970 (UTC), so that intervals which divide a day begin
// at midnight; or whenever the clock of `time_zone` shows what `cron` says. Neither: never.
//
// Where that clock is put forward, a time that it skips is due once at the moment of the change; where it is put back,
// a time that comes twice is due the first time. A schedule of every hour (*) simply goes on: it has nothing to make
// up, and comes both times.
struct Timetable {
  std::chrono::milliseconds run_interval{0};
  std::optional<Cron> cron;
  std::string time_zone;  // a name of the time zone database; empty: UTC

  bool empty() const { return run_interval.count() == 0 && !cron; }
};

// Errors: ParseCron's; those of CheckTimeZone; kInvalidArgument for a schedule that never comes (February 30).
Result<Timetable> ReadTimetable(std::chrono::milliseconds run_interval, const std::string& schedule,
                                const std::string& time_zone);
// kInvalidArgument: the machine's time zone database has no such name.
Status CheckTimeZone(const std::string& name);

// The first tick after `after`; nullopt: there is none within kTickDaysMax.
std::optional<Clock::Wall> NextTick(const Timetable& timetable, Clock::Wall after);
// The last tick that is after `after` and not after `until`; nullopt: there is none.
std::optional<Clock::Wall> LastTick(const Timetable& timetable, Clock::Wall after, Clock::Wall until);

inline constexpr int kTickDaysMax = 9 * 366;  // February 29 may be eight years away

}  // namespace berth::bind
