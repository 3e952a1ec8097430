#include "bind/timetable.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::bind {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::sys_days;

Clock::Wall At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return Clock::Wall(sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day))) +
         hours(hour) + minutes(minute);
}

std::string Text(std::optional<Clock::Wall> time) {
  if (!time) return "never";
  const auto day = std::chrono::floor<days>(*time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(*time - day));
  const auto two = [](auto number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) + " " +
         two(clock.hours().count()) + ":" + two(clock.minutes().count()) +
         (clock.seconds().count() == 0 ? "" : ":" + two(clock.seconds().count()));
}

Timetable Read(const std::string& schedule, const std::string& zone = "") {
  auto read = ReadTimetable(milliseconds(0), schedule, zone);
  REQUIRE(read.ok());
  return std::move(read).value();
}

// The next `count` ticks, in UTC.
std::vector<std::string> Ticks(const Timetable& timetable, Clock::Wall after, int count) {
  std::vector<std::string> ticks;
  for (int i = 0; i < count; ++i) {
    const auto tick = NextTick(timetable, after);
    REQUIRE(tick.has_value());
    REQUIRE(*tick > after);
    CHECK(LastTick(timetable, after, *tick) == tick);  // the two agree
    CHECK(LastTick(timetable, *tick, *tick + std::chrono::seconds(1)) == std::nullopt);
    ticks.push_back(Text(tick));
    after = *tick;
  }
  return ticks;
}

using Texts = std::vector<std::string>;

std::string Refusal(const std::string& schedule) {
  const auto read = ReadTimetable(milliseconds(0), schedule, "");
  REQUIRE_FALSE(read.ok());
  return read.error().message;
}

}  // namespace

TEST_CASE("intervals begin with the day") {
  const Timetable timetable{.run_interval = minutes(15), .cron = {}, .time_zone = {}};
  CHECK(Text(NextTick(timetable, At(2026, 11, 22, 13, 7))) == "11-22 13:15");
  CHECK(Text(NextTick(timetable, At(2026, 11, 22, 13, 15))) == "11-22 13:30");
  CHECK(Text(LastTick(timetable, At(2026, 11, 22, 13, 7), At(2026, 11, 22, 13, 14))) == "never");
  CHECK(Text(LastTick(timetable, At(2026, 11, 20), At(2026, 11, 22, 13, 15))) == "11-22 13:15");
  const Timetable daily{.run_interval = hours(24), .cron = {}, .time_zone = {}};
  CHECK(Text(NextTick(daily, At(2026, 11, 22, 13, 7))) == "11-23 00:00");
}

TEST_CASE("the five fields") {
  const auto start = At(2026, 11, 22, 13, 7);  // a Sunday
  CHECK(Ticks(Read("*/20 * * * *"), start, 3) == Texts{"11-22 13:20", "11-22 13:40", "11-22 14:00"});
  CHECK(Ticks(Read("5,10-12 0 * * *"), start, 5) ==
        Texts{"11-23 00:05", "11-23 00:10", "11-23 00:11", "11-23 00:12", "11-24 00:05"});
  CHECK(Ticks(Read("0 6 * * MON-FRI"), start, 2) == Texts{"11-23 06:00", "11-24 06:00"});
  CHECK(Ticks(Read("0 6 * * 7"), start, 1) == Texts{"11-29 06:00"});
  CHECK(Ticks(Read("0 6 * * sun"), start, 1) == Texts{"11-29 06:00"});
  CHECK(Ticks(Read("0 0 1 jan,Jul *"), start, 2) == Texts{"01-01 00:00", "07-01 00:00"});
  CHECK(Ticks(Read("30 8-18/5 * * *"), start, 3) == Texts{"11-22 13:30", "11-22 18:30", "11-23 08:30"});
  CHECK(Ticks(Read("50/4 12 * * *"), start, 4) == Texts{"11-23 12:50", "11-23 12:54", "11-23 12:58", "11-24 12:50"});
  // Either of the two days, unless one of them is *.
  CHECK(Ticks(Read("0 0 24 * FRI"), start, 2) == Texts{"11-24 00:00", "11-27 00:00"});
  CHECK(Ticks(Read("0 0 */2 * FRI"), start, 2) == Texts{"11-27 00:00", "12-11 00:00"});
  CHECK(Text(NextTick(Read("0 0 29 2 *"), start)) == "02-29 00:00");                  // of 2028
  CHECK(Text(LastTick(Read("0 0 29 2 *"), At(2020, 3, 1), start)) == "02-29 00:00");  // of 2024
}

TEST_CASE("what is no schedule") {
  CHECK(Refusal("* * * *") == "a schedule has 5 fields, not 4");
  CHECK(ParseCron("").error().message == "a schedule has 5 fields, not 0");
  CHECK(Refusal("60 * * * *") == "the minute of the schedule cannot be 60: it is *, or numbers from 0 to 59");
  CHECK(Refusal("* 5-3 * * *") == "the hour of the schedule cannot be 5-3: it is *, or numbers from 0 to 23");
  CHECK(Refusal("* * 0 * *") == "the day of the month of the schedule cannot be 0: it is *, or numbers from 1 to 31");
  CHECK(Refusal("* * * */0 *") == "the month of the schedule cannot be */0: it is *, or numbers from 1 to 12");
  CHECK(Refusal("* * * * MOON") ==
        "the day of the week of the schedule cannot be MOON: it is *, or numbers from 0 to 7");
  CHECK(Refusal("1,, * * * *") == "the minute of the schedule cannot be 1,,: it is *, or numbers from 0 to 59");
  CHECK(Refusal("1,,2 * * * *") == "the minute of the schedule cannot be empty: it is *, or numbers from 0 to 59");
  CHECK(Refusal("1, * * * *") == "the minute of the schedule cannot be 1,: it is *, or numbers from 0 to 59");
  CHECK(Refusal("*/99999999999 * * * *").find("*/99999999999") != std::string::npos);
  CHECK(Refusal("0 0 30 2 *") == "the schedule '0 0 30 2 *' never comes: no month has such a day");
  CHECK(Refusal(std::string(300, '*')) == "the schedule has 300 bytes; the limit is 256");
  CHECK(ReadTimetable(milliseconds(0), "*/4294967295 * * * *", "").ok());
}

TEST_CASE("time zones by name, and by no other path") {
  CHECK(CheckTimeZone("Europe/Berlin").ok());
  CHECK(CheckTimeZone("UTC").ok());
  for (const char* name :
       {"", "Europe/Atlantis", "/etc/passwd", "../../etc/passwd", "europe/berlin\n", "libc:localtime"}) {
    CAPTURE(name);
    CHECK_FALSE(CheckTimeZone(name).ok());
  }
  CHECK(Ticks(Read("0 6 * * *", "America/New_York"), At(2026, 1, 10), 1) == Texts{"01-10 11:00"});
  CHECK(Ticks(Read("0 6 * * *", "Asia/Kolkata"), At(2026, 1, 10), 1) == Texts{"01-10 00:30"});
}

// Berlin, 2026: 02:00 becomes 03:00 on March 29 at 01:00 UTC; 03:00 becomes 02:00 on October 25 at 01:00 UTC.
TEST_CASE("the clock is put forward: what it skips is due at the change") {
  const auto before = At(2026, 3, 28, 12);
  CHECK(Ticks(Read("30 2 * * *", "Europe/Berlin"), before, 3) == Texts{"03-29 01:00", "03-30 00:30", "03-31 00:30"});
  CHECK(Ticks(Read("0,15,30 2 * * *", "Europe/Berlin"), before, 2) == Texts{"03-29 01:00", "03-30 00:00"});
  CHECK(Ticks(Read("0 3 * * *", "Europe/Berlin"), before, 2) == Texts{"03-29 01:00", "03-30 01:00"});
  CHECK(Ticks(Read("*/30 * * * *", "Europe/Berlin"), At(2026, 3, 29, 0, 1), 3) ==
        Texts{"03-29 00:30", "03-29 01:00", "03-29 01:30"});
}

TEST_CASE("the clock is put back: what comes twice is due the first time, and every hour both times") {
  const auto before = At(2026, 10, 24, 12);
  CHECK(Ticks(Read("30 2 * * *", "Europe/Berlin"), before, 2) == Texts{"10-25 00:30", "10-26 01:30"});
  CHECK(Ticks(Read("30 * * * *", "Europe/Berlin"), At(2026, 10, 24, 23, 45), 4) ==
        Texts{"10-25 00:30", "10-25 01:30", "10-25 02:30", "10-25 03:30"});
  CHECK(Ticks(Read("*/30 * * * *", "Europe/Berlin"), At(2026, 10, 25, 0, 1), 4) ==
        Texts{"10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"});
}

TEST_CASE("a change of the clock at midnight") {
  // Beirut, 2026: 00:00 of March 29 becomes 01:00 (22:00 UTC of the 28th); 00:00 of October 25 becomes 23:00.
  CHECK(Ticks(Read("0 0 * * *", "Asia/Beirut"), At(2026, 3, 28), 2) == Texts{"03-28 22:00", "03-29 21:00"});
  CHECK(Ticks(Read("30 23 * * *", "Asia/Beirut"), At(2026, 10, 24), 2) == Texts{"10-24 20:30", "10-25 21:30"});
  CHECK(Ticks(Read("30 * * * *", "Asia/Beirut"), At(2026, 10, 24, 20), 3) ==
        Texts{"10-24 20:30", "10-24 21:30", "10-24 22:30"});
}

}  // namespace berth::bind
