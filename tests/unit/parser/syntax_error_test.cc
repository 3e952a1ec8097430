#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "parser/parse.h"

// The wording is in tests/golden/errors.txt; here is what must hold of all of it.
namespace berth::parser {
namespace {

Error Refused(std::string_view text) {
  auto parsed = Parse(text);
  REQUIRE_MESSAGE(!parsed.ok(), text);
  return parsed.error();
}

TEST_CASE("no error repeats a string, nor what may be a password without quotes") {
  const std::string secret = "hunter2";
  const std::string head = "CREATE REDSHIFT CONNECTION c USER_NAME = 'u' ";
  for (const auto* tail : {"PASSWORD 'hunter2'",
                           "PASSWORD hunter2",
                           "PASSWORD = hunter2 hunter2 x",
                           "PASSWORD = 'hunter2",
                           "PASWORD 'hunter2'",
                           "PASSWORD = E'hunter2'",
                           "PASSWORD = \"hunter2\" \"hunter2\"",
                           "PASSWORD = $$hunter2$$",
                           "PASSWORD = hunter2-hunter2",
                           "PASSWORD == 'hunter2'",
                           "PASSWORD = <hunter2 x",
                           "PASSWORD = 'x'hunter2",
                           "PASSWORD = ENV hunter2",
                           "PASSWORD IS hunter2",
                           "PASSWORD: hunter2",
                           "PASSWORD = (hunter2)",
                           "PASSWORD = 'it's hunter2'",
                           "PASSWORD = hunter2 'u' hunter2",
                           "PASSWRD hunter2",
                           "PASSWORD = SECRET hunter2 hunter2 hunter2"}) {
    const auto error = Refused(head + tail);
    INFO(tail << ": " << error.message << " / " << error.hint);
    CHECK(error.code == ErrorCode::kSyntax);
    CHECK(error.message.find(secret) == std::string::npos);
    CHECK(error.detail.find(secret) == std::string::npos);
    CHECK(error.hint.find(secret) == std::string::npos);
  }
}

TEST_CASE("each cut of a statement that is too short says what comes next") {
  const std::string text =
      "ALTER REDSHIFT CONNECTION IF EXISTS c SET CONNECTION_STRING = 'jdbc:redshift://h:5439/d' SET COMMENT = 'text'";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto parsed = Parse(text.substr(0, size));
    if (parsed.ok()) continue;
    INFO(text.substr(0, size) << ": " << parsed.error().message);
    CHECK(parsed.error().code == ErrorCode::kSyntax);
    REQUIRE(parsed.error().span.has_value());
    CHECK(parsed.error().span->offset <= size);
    const bool says = parsed.error().message.find("expected ") != std::string::npos ||
                      parsed.error().message.find("not closed") != std::string::npos;
    CHECK(says);
  }
}

TEST_CASE("the span is the piece that is wrong") {
  const auto piece = [](std::string_view text) {
    const auto error = Refused(text);
    REQUIRE(error.span.has_value());
    return text.substr(error.span->offset, error.span->length);
  };
  CHECK(piece("DROP CONNECTION redshift-cluster-1;") == "redshift-cluster-1");
  CHECK(piece("DROP CONNECTION <host_name>;") == "<host_name>");
  CHECK(piece("SHOW CONECTIONS") == "CONECTIONS");
  CHECK(piece("CREATE REDSHIFT CONNECTION c A 'x'") == "'x'");
  CHECK(piece("CREATE TABLE a.b (x int)") == "(");
}

TEST_CASE("a long statement with an error at its end is answered") {
  std::string text = "ATTACH JOB j USING CONNECTION c";
  for (int i = 0; i < 2000; ++i) text += ", c";
  CHECK(Refused(text + ",").message.find("expected a connection name") != std::string::npos);
}

}  // namespace
}  // namespace berth::parser
