#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "berth/rows.h"

namespace berth::shell {

// Where a statement came from. No name (a -c, the prompt): messages carry no place.
struct Place {
  std::string source;    // "load.sql", "<stdin>"
  std::size_t line = 1;  // of the statement's first byte
};

enum class MessageForm : std::uint8_t {
  kText,
  kJson,  // one object a line: severity, sqlstate, code, message, detail, hint, source, line, column, in_doubt
};
enum class Verbosity : std::uint8_t { kDefault, kVerbose, kTerse, kSqlstate };  // psql's VERBOSITY

// How errors and notices are told.
struct Messages {
  MessageForm form = MessageForm::kText;
  Verbosity verbosity = Verbosity::kDefault;
  bool colour = false;
};

// As psql prints an error, with the statement's line and a caret, DETAIL and HINT; in a script `load.sql:12: ` stands
// before it, with the line that the error points at. No secret of the statement is in it: the line is redacted, and
// where a message repeats what redaction masks (a server does: syntax error at or near "'pass"), it is masked there as
// well.
std::string ErrorText(const Error& error, std::string_view statement, const Place& place,
                      const Messages& messages = {});
std::string NoticeText(const Notice& notice, const Place& place, const Messages& messages = {});

// For what fails outside a statement: opening the catalog, reading a file.
std::string ErrorText(const Error& error, const Messages& messages);
inline std::string ErrorText(const Error& error) {
  return ErrorText(error, Messages{});
}

}  // namespace berth::shell
