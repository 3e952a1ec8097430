#include "capi/arrow_value.h"

#include <chrono>

namespace berth::capi {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr int kYearDigitsMax = 6;

// Takes what it reads off the front.
class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  bool empty() const { return text_.empty(); }
  bool Take(char symbol) {
    if (text_.empty() || text_[0] != symbol) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Between `least` and `most` digits.
  bool Number(int least, int most, int& value) {
    value = 0;
    int digits = 0;
    for (; digits < most && !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; ++digits) {
      value = value * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    last_digits_ = digits;
    return digits >= least;
  }
  int last_digits() const { return last_digits_; }

 private:
  std::string_view text_;
  int last_digits_ = 0;
};

std::optional<std::int32_t> TakeDays(Reading& in) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.Number(4, kYearDigitsMax, year) || !in.Take('-') || !in.Number(2, 2, month) || !in.Take('-') ||
      !in.Number(2, 2, day)) {
    return std::nullopt;
  }
  using std::chrono::sys_days;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year > static_cast<int>(std::chrono::year::max()) || !date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(sys_days(date).time_since_epoch().count());
}

std::optional<std::int64_t> TakeTime(Reading& in) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!in.Number(2, 2, hours) || !in.Take(':') || !in.Number(2, 2, minutes) || !in.Take(':') ||
      !in.Number(2, 2, seconds)) {
    return std::nullopt;
  }
  std::int64_t us = ((hours * 60 + minutes) * std::int64_t{60} + seconds) * kSecondUs;
  if (in.Take('.')) {
    int fraction = 0;
    if (!in.Number(1, 6, fraction)) return std::nullopt;
    for (int digits = in.last_digits(); digits < 6; ++digits) fraction *= 10;
    us += fraction;
  }
  return us;
}

// "+05", "-03:30", "+00:19:32": what is to be taken away for UTC; 0 where no zone stands.
std::optional<std::int64_t> TakeZone(Reading& in) {
  if (in.empty()) return 0;
  const bool west = in.Take('-');
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if ((!west && !in.Take('+')) || !in.Number(2, 2, hours)) return std::nullopt;
  if (in.Take(':') && !in.Number(2, 2, minutes)) return std::nullopt;
  if (in.Take(':') && !in.Number(2, 2, seconds)) return std::nullopt;
  const std::int64_t us = ((hours * 60 + minutes) * std::int64_t{60} + seconds) * kSecondUs;
  return west ? -us : us;
}

}  // namespace

std::optional<std::int32_t> DaysOf(std::string_view date) {
  Reading in(date);
  const auto days = TakeDays(in);
  return in.empty() ? days : std::nullopt;
}

std::optional<std::int64_t> MicrosecondsOf(std::string_view instant) {
  Reading in(instant);
  const auto days = TakeDays(in);
  if (!days || !in.Take(' ')) return std::nullopt;
  const auto time = TakeTime(in);
  if (!time) return std::nullopt;
  const auto zone = TakeZone(in);
  if (!zone || !in.empty()) return std::nullopt;
  return *days * (std::int64_t{86'400} * kSecondUs) + *time - *zone;
}

std::optional<Int128> DecimalOf(std::string_view number, std::int32_t precision, std::int32_t scale) {
  const bool negative = !number.empty() && number[0] == '-';
  if (negative) number.remove_prefix(1);
  Int128 value = 0;
  std::int32_t digits = 0;     // without leading zeros
  std::int32_t fraction = -1;  // digits behind the point; -1: none has come
  for (const char c : number) {
    if (c == '.' && fraction < 0) {
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value != 0 && ++digits > precision) return std::nullopt;
    if (fraction >= 0 && ++fraction > scale) return std::nullopt;
  }
  if (number.empty()) return std::nullopt;
  for (std::int32_t behind = fraction < 0 ? 0 : fraction; behind < scale; ++behind) {
    value *= 10;
    if (value != 0 && ++digits > precision) return std::nullopt;
  }
  return negative ? -value : value;
}

}  // namespace berth::capi
