#include "script/placeholders.h"

namespace berth::script {

std::optional<std::string> Expand(std::string_view text, const Values& values, std::string& unknown) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find("${");
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    const auto name = text.substr(open + 2, close - open - 2);
    const auto found = values.find(name);
    if (close == std::string_view::npos || found == values.end()) {
      unknown = name;
      return std::nullopt;
    }
    out += found->second;
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace berth::script
