#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imports/found.h"

namespace berth::imports {

// {{ env_var('NAME', 'otherwise') }}, perhaps with a filter behind it, and nothing else: dbt's own word for a variable.
struct EnvVar {
  std::string name;
  std::optional<std::string> otherwise;
};
// nullopt: the text is not exactly that.
std::optional<EnvVar> ReadEnvVar(std::string_view text);

// The text with each env_var as its value. nullopt: one is not set and has no default, or something else stands between
// braces; `missing` says which.
std::optional<std::string> Expanded(std::string_view text, const Variables& variables, std::string& missing);

}  // namespace berth::imports
