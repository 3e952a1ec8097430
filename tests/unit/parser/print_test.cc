#include <string>

#include <doctest/doctest.h>

#include "parser/parse.h"
#include "random_statement.h"

namespace berth::parser {
namespace {

std::string Redacted(std::string_view text) {
  const auto parsed = Parse(text);
  REQUIRE_MESSAGE(parsed.ok(), parsed.error().message);
  return Print(parsed.value(), PrintMode::kRedacted);
}

TEST_CASE("what is printed parses to the same statement") {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    const Statement statement = RandomStatement(seed).Make();
    for (const auto mode : {PrintMode::kReadable, PrintMode::kStable}) {
      const auto printed = Print(statement, mode);
      const auto again = Parse(printed);
      INFO("seed " << seed << ": " << printed);
      REQUIRE_MESSAGE(again.ok(), again.error().message);
      REQUIRE((again.value() == statement));
      REQUIRE(Print(again.value(), mode) == printed);
    }
  }
}

TEST_CASE("the redacted form can be printed of every statement and parses") {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    const Statement statement = RandomStatement(seed).Make();
    CHECK(!Print(statement, PrintMode::kRedacted).empty());
  }
}

TEST_CASE("the stable form is one line and quotes every name") {
  const auto parsed = Parse("create redshift connection c\n  user_name = 'u',\n  connection = d");
  REQUIRE(parsed.ok());
  CHECK(Print(parsed.value(), PrintMode::kStable) ==
        R"(CREATE REDSHIFT CONNECTION "c" USER_NAME = 'u' CONNECTION = "d")");
}

TEST_CASE("literal secrets are masked, references to secrets are not") {
  CHECK(Redacted("CREATE REDSHIFT CONNECTION c USER_NAME = 'u' PASSWORD = 'hunter2'") ==
        "CREATE REDSHIFT CONNECTION c\n    USER_NAME = 'u'\n    PASSWORD = '********'");
  for (const auto* form : {"hunter2", "\"hunter2\"", "12345", "-12345", "('hunter2', 'hunter2')", "12345 days"}) {
    const auto text = Redacted(std::string("ALTER REDSHIFT CONNECTION c SET password = ") + form);
    CHECK(text == "ALTER REDSHIFT CONNECTION c\n    SET PASSWORD = '********'");
  }
  for (const auto* name : {"PASSWORD_NEXT", "sslpassword", "ACCESS_KEY", "session_token", "SECRET"}) {
    const auto text = Redacted(std::string("ALTER REDSHIFT CONNECTION c SET ") + name + " = 'hunter2'");
    CHECK(text.find("hunter2") == std::string::npos);
  }
  for (const auto* form : {"SECRET s", "ENV 'V'", "FILE '/p'", "PROMPT"}) {
    const auto text = Redacted(std::string("ALTER REDSHIFT CONNECTION c SET PASSWORD = ") + form);
    CHECK(text == std::string("ALTER REDSHIFT CONNECTION c\n    SET PASSWORD = ") + form);
  }
}

TEST_CASE("secrets inside URLs and inside the warehouse's SQL are masked") {
  const auto url =
      Redacted("ALTER REDSHIFT CONNECTION c SET CONNECTION_STRING = 'jdbc:redshift://h/d?password=hunter2&ssl=true'");
  CHECK(url.find("hunter2") == std::string::npos);
  CHECK(url.find("ssl=true") != std::string::npos);
  for (const auto* text : {"CREATE JOB j AS COPY t FROM 's3://b' CREDENTIALS 'aws_secret_access_key=hunter2'",
                           "CREATE JOB j AS $$ COPY t FROM 's3://b' SECRET_ACCESS_KEY 'hunter2' $$",
                           "EXECUTE ON CONNECTION c AS $$ ALTER USER u PASSWORD 'hunter2' $$"}) {
    CHECK(Redacted(text).find("hunter2") == std::string::npos);
    CHECK(Redacted(text).find("********") != std::string::npos);
  }
}

TEST_CASE("a dollar quote is chosen that the text does not hold") {
  CHECK(Print(ExecuteOnConnection{{"c", {}}, "a", {}}, PrintMode::kReadable) == "EXECUTE ON CONNECTION c AS $$a$$");
  CHECK(Print(ExecuteOnConnection{{"c", {}}, "a$", {}}, PrintMode::kReadable) ==
        "EXECUTE ON CONNECTION c AS $q1$a$$q1$");
  CHECK(Print(ExecuteOnConnection{{"c", {}}, "$$ $q1$", {}}, PrintMode::kReadable) ==
        "EXECUTE ON CONNECTION c AS $q2$$$ $q1$$q2$");
}

}  // namespace
}  // namespace berth::parser
