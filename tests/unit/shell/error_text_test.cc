#include "shell/error_text.h"

#include <doctest/doctest.h>

#include "shell/colour.h"

using berth::Error;
using berth::ErrorCode;
using berth::shell::ErrorText;
using berth::shell::MessageForm;
using berth::shell::NoticeText;
using berth::shell::Verbosity;

namespace {

Error NoColumn() {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "column \"b\" does not exist",
          .hint = "Perhaps a.",
          .sqlstate = "42703",
          .span = berth::SourceSpan{.offset = 9, .length = 1}};
}

}  // namespace

TEST_CASE("json: one object a line, with the place that is meant") {
  CHECK(ErrorText(NoColumn(), "select\n  b from t", {.source = "s.sql", .line = 3}, {.form = MessageForm::kJson}) ==
        "{\"severity\":\"ERROR\",\"sqlstate\":\"42703\",\"code\":\"InvalidArgument\",\"message\":\"column \\\"b\\\" "
        "does not "
        "exist\",\"hint\":\"Perhaps a.\",\"source\":\"s.sql\",\"line\":4,\"column\":3}\n");
  CHECK(NoticeText({.severity = "NOTICE", .sqlstate = "00000", .message = "look"}, {}, {.form = MessageForm::kJson}) ==
        "{\"severity\":\"NOTICE\",\"sqlstate\":\"00000\",\"message\":\"look\"}\n");
}

TEST_CASE("json holds no secret either") {
  const Error error{.code = ErrorCode::kSyntax, .message = "syntax error at or near \"'zqsecret'\""};
  const auto text = ErrorText(error, "ALTER USER u PASSWORD 'zqsecret'", {}, {.form = MessageForm::kJson});
  CHECK(text.find("zqsecret") == std::string::npos);
  CHECK(text.find("********") != std::string::npos);
}

TEST_CASE("Verbosity as psql's") {
  const auto in = [](Verbosity verbosity) {
    return ErrorText(NoColumn(), "select\n  b", {}, {.verbosity = verbosity});
  };
  CHECK(in(Verbosity::kTerse) == "ERROR:  column \"b\" does not exist\n");
  CHECK(in(Verbosity::kSqlstate) == "ERROR:  42703\n");
  CHECK(in(Verbosity::kVerbose).starts_with("ERROR:  42703: column \"b\" does not exist\nLINE 2:   b\n"));
}

TEST_CASE("Colour is for the leading words alone") {
  const auto text = ErrorText(NoColumn(), "select\n  b", {.source = "s.sql", .line = 1}, {.colour = true});
  CHECK(text.starts_with("s.sql:2: \x1b[1;31mERROR:\x1b[0m  column"));
  CHECK(text.find("\x1b[1;36mHINT:\x1b[0m  Perhaps a.\n") != std::string::npos);
  CHECK(berth::shell::Coloured("no such word\n") == "no such word\n");
}
