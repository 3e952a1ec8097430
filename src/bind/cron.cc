#include "bind/cron.h"

#include <fmt/core.h>

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/try.h"

namespace berth::bind {
namespace {

struct Field {
  std::string_view name;
  unsigned least, most;
  std::span<const std::string_view> words;  // the first means `least`
};

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr Field kFields[] = {{"minute", 0, 59, {}},
                             {"hour", 0, 23, {}},
                             {"day of the month", 1, 31, {}},
                             {"month", 1, 12, kMonths},
                             {"day of the week", 0, 7, kWeekdays}};
constexpr std::size_t kFieldCount = std::size(kFields);

Error Wrong(std::string message) {
  return {
      .code = ErrorCode::kInvalidArgument,
      .message = std::move(message),
      .hint = "Five fields: minute, hour, day of the month, month, day of the week, as in '*/15 8-18 * * MON-FRI'."};
}

Error WrongIn(const Field& field, std::string_view text) {
  return Wrong(fmt::format("the {} of the schedule cannot be {}: it is *, or numbers from {} to {}", field.name,
                           text.empty() ? "empty" : text, field.least, field.most));
}

std::string_view TakePiece(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return piece;
}

std::optional<unsigned> NumberOf(std::string_view text) {
  unsigned number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<unsigned> ValueOf(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (base::EqualsIgnoreCase(text, field.words[i])) return field.least + static_cast<unsigned>(i);
  }
  const auto number = NumberOf(text);
  return number && *number >= field.least && *number <= field.most ? number : std::nullopt;
}

// One piece of a list: *, 5, 1-5, */15, 10-50/20, 10/20 (from 10 on).
Status AddPiece(const Field& field, std::string_view piece, std::vector<bool>& out) {
  std::string_view rest = piece;
  const auto range = TakePiece(rest, '/');
  const bool stepped = range.size() != piece.size();
  const auto step = stepped ? NumberOf(rest) : std::optional<unsigned>(1);
  std::optional<unsigned> first = field.least;
  std::optional<unsigned> last = field.most;
  if (range != "*") {
    std::string_view bounds = range;
    const auto begin = TakePiece(bounds, '-');
    first = ValueOf(field, begin);
    if (begin.size() != range.size()) {
      last = ValueOf(field, bounds);
    } else if (!stepped) {
      last = first;
    }
  }
  if (!first || !last || !step || *step == 0 || *first > *last) return WrongIn(field, piece);
  for (unsigned value = *first; value <= *last; value += *step) {
    out[value] = true;
    if (*last - value < *step) break;  // a huge step must not wrap
  }
  return {};
}

Result<std::vector<bool>> ReadField(const Field& field, std::string_view text) {
  std::vector<bool> out(field.most + 1);
  if (text.empty() || text.back() == ',') return WrongIn(field, text);
  for (std::string_view rest = text; !rest.empty();) BERTH_TRY(AddPiece(field, TakePiece(rest, ','), out));
  return out;
}

template <std::size_t n>
void Fill(const std::vector<bool>& from, std::bitset<n>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i]) to.set(i % n);  // the day of the week 7 is 0
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0;;) {
    at = text.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return words;
    const auto end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace

bool Cron::FitsDay(unsigned month, unsigned day, unsigned weekday) const {
  if (!months[month]) return false;
  return either_day ? days[day] || weekdays[weekday] : days[day] && weekdays[weekday];
}

Result<Cron> ParseCron(std::string_view text) {
  if (text.size() > kCronBytesMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("the schedule has {} bytes; the limit is {}", text.size(), kCronBytesMax)};
  }
  const auto words = Words(text);
  if (words.size() != kFieldCount) {
    return Wrong(fmt::format("a schedule has {} fields, not {}", kFieldCount, words.size()));
  }
  Cron cron;
  std::vector<std::vector<bool>> fields;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    BERTH_ASSIGN(auto field, ReadField(kFields[i], words[i]));
    fields.push_back(std::move(field));
  }
  Fill(fields[0], cron.minutes);
  Fill(fields[1], cron.hours);
  Fill(fields[2], cron.days);
  Fill(fields[3], cron.months);
  Fill(fields[4], cron.weekdays);
  cron.either_day = !words[2].starts_with('*') && !words[4].starts_with('*');
  return cron;
}

}  // namespace berth::bind
