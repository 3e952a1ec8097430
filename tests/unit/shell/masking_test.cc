#include "shell/masking.h"

#include <doctest/doctest.h>

#include "shell/error_text.h"

using berth::Error;
using berth::ErrorCode;
using berth::shell::ErrorText;
using berth::shell::MaskRepeated;

TEST_CASE("What redaction masks is masked where a message repeats it") {
  CHECK(MaskRepeated("near \"'hunter2'\"", "PASSWORD 'hunter2'", "PASSWORD '********'") == "near \"'********'\"");
  CHECK(MaskRepeated("hunter2 and s3cret", "A 'hunter2' B 's3cret' C", "A '********' B '********' C") ==
        "******** and ********");
  CHECK(MaskRepeated("nothing here", "A 'hunter2'", "A '********'") == "nothing here");
  CHECK(MaskRepeated("a party in my state", "P 'a'", "P '********'") == "******** party in my state");
}

TEST_CASE("A cut or several-line secret is masked in its parts; what cannot be aligned is masked to its end") {
  CHECK(MaskRepeated("near first", "P 'first second'", "P '********'") == "near ********");
  CHECK(MaskRepeated("near longer", "P 'longer\nsecret'", "P '********\n'") == "near ********");
  CHECK(MaskRepeated("near secret", "P 'longer\nsecret", "P '********\n") == "near ********");
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
