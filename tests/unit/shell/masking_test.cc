#include "shell/masking.h"

#include <doctest/doctest.h>

#include "parser/redact.h"
#include "shell/error_text.h"

using berth::Error;
using berth::ErrorCode;
using berth::shell::ErrorText;
using berth::shell::MaskRepeated;

namespace {

std::string Shown(std::string message, std::string_view statement) {
  return MaskRepeated(std::move(message), statement, berth::parser::Redact(statement).masked);
}

}  // namespace

TEST_CASE("What redaction masks is masked where a message repeats it") {
  CHECK(Shown("near \"'hunter2'\"", "ALTER USER u PASSWORD 'hunter2'") == "near \"'********'\"");
  CHECK(Shown("hunter2 and s3cret", "ALTER USER u PASSWORD 'hunter2' PASSWORD 's3cret'") == "******** and ********");
  CHECK(Shown("nothing here", "ALTER USER u PASSWORD 'hunter2'") == "nothing here");
  CHECK(Shown("a party in my state", "ALTER USER u PASSWORD 'a'") == "******** party in my state");
}

TEST_CASE("A cut or several-line secret is masked in its parts, and nothing behind it is") {
  CHECK(Shown("near first", "ALTER USER u PASSWORD 'first second'") == "near ********");
  const std::string_view lines = "ALTER USER u PASSWORD 'longer\nsecret' VALD UNTIL 'infinity'";
  CHECK(Shown("near longer", lines) == "near ********");
  CHECK(Shown("near secret", lines) == "near ********");
  CHECK(Shown("syntax error at or near \"VALD\", UNTIL 'infinity'", lines) ==
        "syntax error at or near \"VALD\", UNTIL 'infinity'");
  CHECK(Shown("near secret", "ALTER USER u PASSWORD 'longer\nsecret") == "near ********");
}

TEST_CASE("An error shows no secret of its statement, in no part") {
  const std::string statement = "ALTER USER u\nPASSWORD 'hunter2' VALD";
  const Error error{.code = ErrorCode::kServer,
                    .message = "syntax error near 'hunter2'",
                    .detail = "after hunter2",
                    .hint = "not hunter2"};
  CHECK(ErrorText(error, statement, {}) ==
        "ERROR:  syntax error near '********'\nDETAIL:  after ********\nHINT:  not ********\n");
}

TEST_CASE("The caret moves with the text that was masked, and stays away from the mask itself") {
  const std::string statement = "ALTER USR u PASSWORD 'hunter2xyz' VALD UNTIL";
  const auto at = [&](std::uint32_t offset, std::uint32_t length) {
    return ErrorText(Error{.code = ErrorCode::kServer, .message = "m", .span = berth::SourceSpan{offset, length}},
                     statement, {});
  };
  CHECK(at(6, 3).find("\n              ^^^\n") != std::string::npos);  // USR
  const auto after = at(34, 4);                                        // VALD
  const auto line = after.substr(after.find("LINE"));
  CHECK(line.find("VALD") == line.substr(line.find('\n') + 1).find("^^^^"));
  CHECK(at(24, 3).find('^') == std::string::npos);
  CHECK(at(21, 12).find("hunter2") == std::string::npos);
}
