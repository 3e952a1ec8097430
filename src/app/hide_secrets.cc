#include "app/hide_secrets.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "parser/redact.h"

namespace berth::app {
namespace {

constexpr std::array<std::string_view, 6> kPrefixes{"--command=", "--catalog=", "--file=", "--set=", "--dev=", "-c"};

void Overwrite(char* text, std::size_t length, std::string_view shown) {
  const std::size_t kept = std::min(length, shown.size());
  std::memcpy(text, shown.data(), kept);
  std::memset(text + kept, ' ', length - kept);
}

}  // namespace

bool HideSecrets(int argc, char** argv) {
  bool found = false;
  bool value_of_set = false;
  for (int i = 1; i < argc; ++i) {
    char* text = argv[i];
    std::string_view all(text);
    bool set = value_of_set;
    value_of_set = all == "--set";
    for (const auto prefix : kPrefixes) {
      if (!all.starts_with(prefix)) continue;
      set = set || prefix == "--set=";
      text += prefix.size();
      all.remove_prefix(prefix.size());
      break;
    }
    if (set) {
      const auto equals = all.find('=');
      if (equals != std::string_view::npos) Overwrite(text + equals + 1, all.size() - equals - 1, parser::kMask);
      continue;
    }
    const auto redacted = parser::Redact(all);
    if (!redacted.held_secret) continue;
    found = true;
    Overwrite(text, all.size(), redacted.text);
  }
  return found;
}

}  // namespace berth::app
