#include "shell/name_pattern.h"

#include "base/strings.h"

namespace berth::shell {
namespace {

std::string Whole(const std::string& expression) {
  return expression == ".*" || expression.empty() ? std::string() : "^(" + expression + ")$";
}

}  // namespace

NamePattern ReadNamePattern(std::string_view pattern) {
  NamePattern read;
  std::string part;
  bool quoted = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < pattern.size() && pattern[i + 1] == '"';
      if (doubled) {
        part += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (!quoted && c == '*') {
      part += ".*";
    } else if (!quoted && c == '?') {
      part += '.';
    } else if (!quoted && c == '.') {
      read.schema = Whole(part);
      part.clear();
    } else if (c == '$' || (quoted && std::string_view("|*+?()[]{}.^\\").find(c) != std::string_view::npos)) {
      part += '\\';
      part += c;
    } else {
      part += quoted ? std::string(1, c) : base::ToLower(std::string_view(&c, 1));
    }
  }
  read.name = Whole(part);
  return read;
}

}  // namespace berth::shell
