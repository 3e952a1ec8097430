#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::tidy {

std::vector<std::string_view> LinesOf(std::string_view text);

// C++ with its comments and the insides of its literals blanked, so that words are found in code alone. Same length,
// same line breaks. The names that #include gives stay, in <> and in "".
std::string CodeOf(std::string_view text);

// `word` stands in `text` and is not the tail of a longer name (where it begins with a letter) or the head of one
// (where it ends with a letter or digit).
bool HasWord(std::string_view text, std::string_view word);

}  // namespace berth::tidy
