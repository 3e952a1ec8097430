#include "bind/option_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "bind/connection_options.h"

namespace berth::bind {

std::string_view FormName(parser::ValueForm form) {
  switch (form) {
    case parser::ValueForm::kString:
      return "a string";
    case parser::ValueForm::kNumber:
      return "a number";
    case parser::ValueForm::kBoolean:
      return "TRUE or FALSE";
    case parser::ValueForm::kIdentifier:
      return "a name without quotes";
    case parser::ValueForm::kDuration:
      return "a duration";
    case parser::ValueForm::kList:
      return "a list";
    case parser::ValueForm::kSecret:
      return "SECRET";
    case parser::ValueForm::kEnv:
      return "ENV";
    case parser::ValueForm::kFile:
      return "FILE";
    case parser::ValueForm::kCommand:
      return "COMMAND";
    case parser::ValueForm::kPrompt:
      return "PROMPT";
  }
  return "a value";
}

Error ValueError(const parser::Option& option, std::string message, std::string hint) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = std::move(message),
          .hint = std::move(hint),
          .span = option.value.span};
}

Result<std::string> StringOf(const parser::Option& option, std::string_view example) {
  if (option.value.form == parser::ValueForm::kString) return option.value.text;
  return ValueError(option, fmt::format("{} takes a string, not {}", option.name.name, FormName(option.value.form)),
                    fmt::format("Write {} = {}.", option.name.name, example));
}

Status CheckBytes(const parser::Option& option, std::string_view what, std::size_t bytes_max) {
  const auto bytes = option.value.text.size();
  if (bytes <= bytes_max) return {};
  auto error = ValueError(option, fmt::format("{} has {} bytes; the limit is {}", what, bytes, bytes_max));
  error.code = ErrorCode::kLimitExceeded;
  return error;
}

Result<std::string> CommentOf(const parser::Option& option) {
  BERTH_ASSIGN(auto text, StringOf(option, "'a note'"));
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_start));
  if (characters <= kCommentCharactersMax) return text;
  auto error = ValueError(
      option, fmt::format("{} has {} characters; the limit is {}", option.name.name, characters, kCommentCharactersMax),
      "Shorten it.");
  error.code = ErrorCode::kLimitExceeded;
  return error;
}

}  // namespace berth::bind
