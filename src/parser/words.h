#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "parser/scan.h"

namespace berth::parser {

// A token of one of our statements and its type in the grammar (BerthParser's enum).
struct Word {
  std::size_t type = 0;
  Token token;  // its offset counts from the start of the whole text
};

inline constexpr std::size_t kWordsMax = 5000;  // of a statement, without the part that is the warehouse's

// Cuts a statement into words, the last of which is the end of the text. The rest of CREATE TABLE and an unquoted job
// body are one word each, of type Tail. Errors: kSyntax for a quote or comment that is not closed, kLimitExceeded.
Result<std::vector<Word>> CutWords(std::string_view text);

// A keyword of the grammar, in any case: as a name it is printed in quotes.
bool IsKeyword(std::string_view word);

SourceSpan SpanOf(const Token& token);

}  // namespace berth::parser
