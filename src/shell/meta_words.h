#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shell/variables.h"

namespace berth::shell {

// The next word of a meta command, as psql reads it, taken off the front of `text`: 'it''s' and 'a\tb' without their
// quotes, "names" with theirs, :variables replaced. nullopt: none is left, or the next command begins (a backslash).
std::optional<std::string> TakeMetaWord(std::string_view& text, const Variables& variables);

}  // namespace berth::shell
