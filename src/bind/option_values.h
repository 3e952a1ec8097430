#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "parser/ast.h"

// What connection and job options share: checks of one value. Errors point at the value.
namespace berth::bind {

// "a string", "a number", .. as an error says what was found. Never the value itself.
std::string_view FormName(parser::ValueForm form);

Error ValueError(const parser::Option& option, std::string message, std::string hint = {});

// The text of a string value. Errors: another form; `example` shows the right one.
Result<std::string> StringOf(const parser::Option& option, std::string_view example);
// kLimitExceeded beyond `bytes_max`; `what` begins the sentence.
Status CheckBytes(const parser::Option& option, std::string_view what, std::size_t bytes_max);
// A COMMENT: a string of at most kCommentCharactersMax characters.
Result<std::string> CommentOf(const parser::Option& option);

}  // namespace berth::bind
