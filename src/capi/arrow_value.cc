#include "capi/arrow_value.h"

#include <chrono>
#include <cstddef>

namespace berth::capi {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr int kYearDigitsMin = 5;
constexpr int kYearDigitsMax = 6;
constexpr std::size_t kDateBytes = 10;
constexpr std::size_t kTimeBytes = 9;                           // " 10:11:12"
constexpr std::uint64_t kPowerMax = 1'000'000'000'000'000'000;  // 18 digits fit in 64 bits, and one more on top

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

// Two digits at a time, where they have to stand.
class Fixed {
 public:
  explicit Fixed(const char* text) : text_(text) {}
  int Two(std::size_t at) {
    const auto tens = static_cast<unsigned>(text_[at] - '0');
    const auto ones = static_cast<unsigned>(text_[at + 1] - '0');
    good_ = good_ && tens <= 9 && ones <= 9;
    return static_cast<int>(tens * 10 + ones);
  }
  void Symbol(std::size_t at, char symbol) { good_ = good_ && text_[at] == symbol; }
  bool good() const { return good_; }

 private:
  const char* text_;
  bool good_ = true;
};

std::optional<std::int32_t> DaysTo(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year > static_cast<int>(std::chrono::year::max()) || !date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

// "2016-01-31" at the front of at least ten bytes, as nearly all are.
std::optional<std::int32_t> DaysAt(const char* text) {
  Fixed in(text);
  const int year = in.Two(0) * 100 + in.Two(2);
  in.Symbol(4, '-');
  const int month = in.Two(5);
  in.Symbol(7, '-');
  const int day = in.Two(8);
  return in.good() ? DaysTo(year, month, day) : std::nullopt;
}

// Of years beyond 9999.
std::optional<std::int32_t> TakeLongDays(Reading& in) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.Number(kYearDigitsMin, kYearDigitsMax, year) || !in.Take('-') || !in.Number(2, 2, month) || !in.Take('-') ||
      !in.Number(2, 2, day)) {
    return std::nullopt;
  }
  return DaysTo(year, month, day);
}

// " 10:11:12" at the front of at least nine bytes; seconds.
std::optional<std::int64_t> SecondsAt(const char* text) {
  Fixed in(text);
  in.Symbol(0, ' ');
  const int hours = in.Two(1);
  in.Symbol(3, ':');
  const int minutes = in.Two(4);
  in.Symbol(6, ':');
  const int seconds = in.Two(7);
  if (!in.good()) return std::nullopt;
  return (hours * 60 + minutes) * std::int64_t{60} + seconds;
}

// ".5": microseconds; 0 where none stands.
std::optional<std::int64_t> TakeFraction(Reading& in) {
  if (!in.Take('.')) return 0;
  int fraction = 0;
  if (!in.Number(1, 6, fraction)) return std::nullopt;
  for (int digits = in.last_digits(); digits < 6; ++digits) fraction *= 10;
  return fraction;
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
  if (date.size() == kDateBytes) return DaysAt(date.data());
  Reading in(date);
  const auto days = TakeLongDays(in);
  return in.empty() ? days : std::nullopt;
}

std::optional<std::int64_t> MicrosecondsOf(std::string_view instant) {
  const auto date = instant.find(' ');
  if (date == std::string_view::npos || instant.size() < date + kTimeBytes) return std::nullopt;
  const auto days = DaysOf(instant.substr(0, date));
  const auto seconds = SecondsAt(instant.data() + date);
  if (!days || !seconds) return std::nullopt;
  const auto whole = (*days * std::int64_t{86'400} + *seconds) * kSecondUs;
  if (instant.size() == date + kTimeBytes) return whole;
  Reading in(instant.substr(date + kTimeBytes));
  const auto fraction = TakeFraction(in);
  if (!fraction) return std::nullopt;
  const auto zone = TakeZone(in);
  if (!zone || !in.empty()) return std::nullopt;
  return whole + *fraction - *zone;
}

std::optional<Int128> DecimalOf(std::string_view number, std::int32_t precision, std::int32_t scale) {
  const bool negative = !number.empty() && number[0] == '-';
  if (negative) number.remove_prefix(1);
  if (number.empty()) return std::nullopt;
  // Multiplying 128 bits is slow: digits are gathered in 64 of them as long as they fit.
  Int128 value = 0;
  std::uint64_t low = 0;
  std::uint64_t power = 1;     // 10 to the number of digits in `low`
  std::int32_t digits = 0;     // without leading zeros
  std::int32_t fraction = -1;  // digits behind the point; -1: none has come
  const auto add = [&](unsigned digit) {
    low = low * 10 + digit;
    power *= 10;
    if (digits > 0 || digit != 0) ++digits;
    if (power < kPowerMax || digits > precision) return;  // too many are refused below
    value = value * power + low;
    low = 0;
    power = 1;
  };
  for (const char c : number) {
    if (c == '.' && fraction < 0) {
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9' || digits > precision) return std::nullopt;
    add(static_cast<unsigned>(c - '0'));
    if (fraction >= 0) ++fraction;
  }
  for (fraction = fraction < 0 ? 0 : fraction; fraction < scale && digits <= precision; ++fraction) add(0);
  if (digits > precision || fraction > scale) return std::nullopt;
  value = value * power + low;
  return negative ? -value : value;
}

}  // namespace berth::capi
