#include "base/process.h"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace berth::base {

namespace {

// The numbers of /proc/pid/stat, as proc(5) counts them; the first is the pid.
constexpr int kName = 2, kState = 3, kThreads = 20, kStarted = 22;

std::string_view FieldOf(std::string_view stat, int wanted) {
  std::size_t at = stat.rfind(')');  // the program's name, which may hold anything, ends the second field
  for (int field = kName; field < wanted && at != std::string_view::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string_view::npos) return {};
  const auto rest = stat.substr(at + 1);
  return rest.substr(0, rest.find(' '));
}

std::uint64_t NumberOf(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint64_t ProcessStart(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const auto state = FieldOf(stat, kState);
  // One whose first thread alone has ended looks the same, but for the threads that go on.
  if ((state == "Z" || state == "X") && NumberOf(FieldOf(stat, kThreads)) <= 1) return 0;
  return NumberOf(FieldOf(stat, kStarted));
}

}  // namespace berth::base
