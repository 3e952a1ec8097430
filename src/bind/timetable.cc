#include "bind/timetable.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/try.h"

namespace berth::bind {
namespace {

constexpr std::size_t kZoneBytesMax = 64;

// The database's files are read by their names: nothing else on the disk is.
bool LooksLikeZone(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !name.empty() && name.size() <= kZoneBytesMax && name.front() != '/' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

absl::TimeZone ZoneOf(const Timetable& timetable) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!timetable.time_zone.empty()) absl::LoadTimeZone(timetable.time_zone, &zone);  // else it stays UTC
  return zone;
}

// In order, each once.
std::vector<Clock::Wall> TicksOf(const Cron& cron, const absl::TimeZone& zone, absl::CivilDay day) {
  std::vector<Clock::Wall> ticks;
  const auto weekday = (static_cast<unsigned>(absl::GetWeekday(day)) + 1) % 7;  // Abseil begins with Monday
  if (!cron.FitsDay(static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), weekday)) return ticks;
  const bool every_hour = cron.hours.all();
  for (int hour = 0; hour < 24; ++hour) {
    if (!cron.hours[static_cast<std::size_t>(hour)]) continue;
    for (int minute = 0; minute < 60; ++minute) {
      if (!cron.minutes[static_cast<std::size_t>(minute)]) continue;
      const auto found = zone.At(absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute, 0));
      const bool skipped = found.kind == absl::TimeZone::TimeInfo::SKIPPED;
      const bool repeated = found.kind == absl::TimeZone::TimeInfo::REPEATED;
      if (skipped && every_hour) continue;
      ticks.push_back(absl::ToChronoTime(skipped ? found.trans : found.pre));
      if (repeated && every_hour) ticks.push_back(absl::ToChronoTime(found.post));
    }
  }
  std::sort(ticks.begin(), ticks.end());
  ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
  return ticks;
}

absl::CivilDay DayOf(Clock::Wall time, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromChrono(time), zone);
}

Clock::Wall IntervalStart(const Timetable& timetable, Clock::Wall time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  auto rest = since % timetable.run_interval;
  if (rest.count() < 0) rest += timetable.run_interval;
  return Clock::Wall(since - rest);
}

}  // namespace

Status CheckTimeZone(const std::string& name) {
  absl::TimeZone zone;
  if (LooksLikeZone(name) && absl::LoadTimeZone(name, &zone)) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("there is no time zone '{}'", name.substr(0, kZoneBytesMax)),
               .hint = "Write a name of the time zone database, such as 'Europe/Berlin', 'America/New_York' or 'UTC'."};
}

Result<Timetable> ReadTimetable(std::chrono::milliseconds run_interval, const std::string& schedule,
                                const std::string& time_zone) {
  Timetable timetable{.run_interval = run_interval, .cron = {}, .time_zone = time_zone};
  if (!time_zone.empty()) BERTH_TRY(CheckTimeZone(time_zone));
  if (schedule.empty()) return timetable;
  BERTH_ASSIGN(timetable.cron, ParseCron(schedule));
  if (NextTick(timetable, Clock::Wall())) return timetable;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("the schedule '{}' never comes: no month has such a day", schedule)};
}

std::optional<Clock::Wall> NextTick(const Timetable& timetable, Clock::Wall after) {
  if (timetable.run_interval.count() > 0) return IntervalStart(timetable, after) + timetable.run_interval;
  if (!timetable.cron) return std::nullopt;
  const auto zone = ZoneOf(timetable);
  const auto first = DayOf(after, zone) - 1;  // a change of the clock at midnight may reach back
  for (int i = 0; i < kTickDaysMax; ++i) {
    for (const auto tick : TicksOf(*timetable.cron, zone, first + i)) {
      if (tick > after) return tick;
    }
  }
  return std::nullopt;
}

std::optional<Clock::Wall> LastTick(const Timetable& timetable, Clock::Wall after, Clock::Wall until) {
  if (timetable.run_interval.count() > 0) {
    const auto tick = IntervalStart(timetable, until);
    return tick > after ? std::optional(tick) : std::nullopt;
  }
  if (!timetable.cron || until <= after) return std::nullopt;
  const auto zone = ZoneOf(timetable);
  const auto last = DayOf(until, zone) + 1;
  const auto first = DayOf(after, zone) - 1;
  for (int i = 0; i < kTickDaysMax && last - i >= first; ++i) {
    const auto ticks = TicksOf(*timetable.cron, zone, last - i);
    for (auto tick = ticks.rbegin(); tick != ticks.rend(); ++tick) {
      if (*tick <= until) return *tick > after ? std::optional(*tick) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace berth::bind
