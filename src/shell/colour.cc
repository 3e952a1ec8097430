#include "shell/colour.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

namespace berth::shell {
namespace {

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kWords{{{"ERROR:", "\x1b[1;31m"},
                                                                               {"FATAL:", "\x1b[1;31m"},
                                                                               {"WARNING:", "\x1b[1;33m"},
                                                                               {"NOTICE:", "\x1b[36m"},
                                                                               {"INFO:", "\x1b[36m"},
                                                                               {"DETAIL:", "\x1b[2m"},
                                                                               {"HINT:", "\x1b[1;36m"},
                                                                               {"CONTEXT:", "\x1b[2m"}}};

}  // namespace

bool WantsColour(int fd) {
  const char* no = ::secure_getenv("NO_COLOR");
  const char* terminal = ::secure_getenv("TERM");
  if (no != nullptr && *no != '\0') return false;
  if (terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb") return false;
  return ::isatty(fd) == 1;
}

std::string Coloured(const std::string& message) {
  std::string out;
  std::string_view rest = message;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    rest.remove_prefix(line.size());
    for (const auto& [word, colour] : kWords) {
      // In a script its place stands before the first word: "load.sql:3: ERROR:".
      const auto at = line.starts_with(word) ? 0 : line.find(": " + std::string(word));
      if (at == std::string_view::npos || (at != 0 && !out.empty())) continue;
      const std::size_t begin = at == 0 ? 0 : at + 2;
      out.append(line.substr(0, begin)).append(colour).append(word).append(kPlain);
      line.remove_prefix(begin + word.size());
      break;
    }
    out += line;
  }
  return out;
}

}  // namespace berth::shell
