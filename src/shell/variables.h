#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "berth/error.h"

namespace berth::shell {

// What --set gave: ${NAME} in statements. Without any, texts stay as they are.
class Variables {
 public:
  // Names are [A-Za-z_][A-Za-z0-9_]*. Errors: kInvalidArgument.
  Status Set(std::string_view name, std::string_view value);
  // Asked for names that Set() has not given, such as those of the environment.
  void SetFallback(std::function<std::optional<std::string>(const std::string& name)> fallback) {
    fallback_ = std::move(fallback);
  }
  // Replaces everywhere, in quotes and comments too: text for text. An unknown name is kInvalidArgument, with its span.
  // Of a run of dollars before the brace, pairs are dollar quotes ($${x}$$ holds no variable, $$${x}$$ does).
  Result<std::string> Replace(std::string_view text) const;

 private:
  std::optional<std::string> Find(std::string_view name) const;

  std::map<std::string, std::string, std::less<>> values_;
  std::function<std::optional<std::string>(const std::string&)> fallback_;
};

}  // namespace berth::shell
