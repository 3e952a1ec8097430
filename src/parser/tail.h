#pragma once

#include <cstddef>
#include <string_view>

#include "berth/error.h"

namespace berth::parser {

// Where the part of a statement that is the warehouse's ends: after its last token, before semicolons, white space and
// comments. `from`: where it begins. The server's way with backslashes is not known here. Where the two ways differ the
// part is the longer one, so that nothing of it is ever lost. Errors: kSyntax for a quote that is not closed in either
// way, and for a second statement behind a semicolon.
Result<std::size_t> TailEnd(std::string_view text, std::size_t from);

// The comment that is not closed in a stretch of white space, comments and semicolons; npos: none.
std::size_t OpenComment(std::string_view text, std::size_t from);

Error NotClosed(std::string_view text, std::size_t offset);

}  // namespace berth::parser
