#pragma once

#include <bitset>
#include <string_view>

#include "berth/error.h"

namespace berth::bind {

// Five fields as cron has them: minute, hour, day of the month, month, day of the week. A field is * or a list of
// numbers and ranges, each with a step if need be (*/15, 8-18/2, 1,15); months and days of the week also by their first
// three letters; Sunday is 0 and 7. As in Vixie's cron, a day fits if both day fields do, and one of them is enough
// where neither begins with *.
struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;    // from 1
  std::bitset<13> months;  // from 1
  std::bitset<7> weekdays;
  bool either_day = false;  // one of the two day fields is enough

  bool FitsDay(unsigned month, unsigned day, unsigned weekday) const;
  friend bool operator==(const Cron&, const Cron&) = default;
};

// Errors: kInvalidArgument, which names the field and what is wrong in it; kLimitExceeded.
Result<Cron> ParseCron(std::string_view text);

inline constexpr std::size_t kCronBytesMax = 256;

}  // namespace berth::bind
