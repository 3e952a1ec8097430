#include "base/process.h"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>

namespace berth::base {

std::uint64_t ProcessStart(std::int64_t pid) {
  constexpr int kField = 22;
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::size_t at = text.rfind(')');  // the program's name, which may hold anything, ends the second field
  for (int field = 2; field < kField && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  std::uint64_t started = 0;
  if (at != std::string::npos) std::from_chars(text.data() + at + 1, text.data() + text.size(), started);
  return started;
}

}  // namespace berth::base
