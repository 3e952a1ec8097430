#pragma once

#include <cstddef>
#include <vector>

#include "berth/error.h"
#include "parser/words.h"

namespace berth::parser {

// The word at `at` cannot follow those before it: says what it is, what would have been right there, and what was
// probably meant. Strings are never repeated, nor is what may be a password that was written without quotes. Runs the
// grammar once for each kind of word: callers hold the lock.
Error SyntaxErrorAt(const std::vector<Word>& words, std::size_t at);

}  // namespace berth::parser
