#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "parser/scan.h"

namespace berth::dependents {

// What a string means, and where each of its bytes stands in the text around it: UNLOAD's query is SQL inside a string.
struct QuotedText {
  std::string text;
  std::vector<std::size_t> at;  // at[i]: where text[i] was read, in the text that `token` came from
};
QuotedText Unquoted(const parser::Token& token, bool backslash_escapes);

}  // namespace berth::dependents
