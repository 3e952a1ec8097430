#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace berth::script {

using Values = std::map<std::string, std::string, std::less<>>;

// `text` with each ${NAME} replaced; nullopt with `unknown` set: a name has no value.
std::optional<std::string> Expand(std::string_view text, const Values& values, std::string& unknown);

}  // namespace berth::script
