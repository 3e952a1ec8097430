#pragma once

#include <map>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::shell {

// What --set gave: ${NAME} in statements. Without any, texts stay as they are.
class Variables {
 public:
  // Names are [A-Za-z_][A-Za-z0-9_]*. Errors: kInvalidArgument.
  Status Set(std::string_view name, std::string_view value);
  // Replaces everywhere, in quotes and comments too: text for text. An unknown name is kInvalidArgument, with its span.
  // Of a run of dollars before the brace, pairs are dollar quotes ($${x}$$ holds no variable, $$${x}$$ does).
  Result<std::string> Replace(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace berth::shell
