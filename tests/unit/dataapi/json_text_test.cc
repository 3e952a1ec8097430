#include "dataapi/json_text.h"

#include <doctest/doctest.h>

#include "dataapi/answer.h"
#include "dataapi/refusal.h"

namespace berth::dataapi {

TEST_CASE("Objects and arrays, with commas where they belong") {
  JsonText out;
  out.Begin('{');
  out.Begin("A", '[');
  out.Element("{");
  out.Element("[");
  out.Begin('{');
  out.Number("n", -1);
  out.NumberIfAny("no", std::optional<int>());
  out.End('}');
  out.End(']');
  out.Boolean("t", true);
  out.TextIfAny("empty", "");
  out.Time("at", Clock::Wall(std::chrono::milliseconds(1'598'323'175'023)));
  out.Verbatim("v", "[1]");
  out.End('}');
  CHECK(std::move(out).Take() == R"({"A":["{","[",{"n":-1}],"t":true,"at":1598323175.023,"v":[1]})");
}

TEST_CASE("Text is escaped, and what is no UTF-8 is replaced") {
  const auto quoted = [](std::string_view text) {
    JsonText out;
    out.Begin('[');
    out.Element(text);
    out.End(']');
    return std::move(out).Take();
  };
  CHECK(quoted("a\"b\\c\n\r\t\x01") == R"(["a\"b\\c\n\r\t\u0001"])");
  CHECK(quoted("ä€😀") == "[\"ä€😀\"]");
  CHECK(quoted("a\xFF\xC3") == "[\"a\xEF\xBF\xBD\xEF\xBF\xBD\"]");
  CHECK(quoted("\xED\xA0\x80") == "[\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"]");  // a surrogate
  CHECK(quoted(std::string_view("\0", 1)) == R"(["\u0000"])");
}

TEST_CASE("An error's body says the text in both spellings") {
  CHECK(BodyOf(Invalid("No.")) == R"({"__type":"ValidationException","Message":"No.","message":"No."})");
  auto refusal = RefusalOf(Error{.code = ErrorCode::kNotFound, .message = "Query does not exist."});
  refusal.resource_id = "id";
  CHECK(BodyOf(refusal) == R"({"__type":"ResourceNotFoundException","Message":"Query does not exist.",)"
                           R"("message":"Query does not exist.","ResourceId":"id"})");
  CHECK(refusal.status == 400);
  CHECK(RefusalOf(Error{.code = ErrorCode::kUnavailable, .message = "gone", .hint = "Wait."}).message == "gone. Wait.");
  const auto answer = AnswerOf(refusal);
  CHECK(answer.content_type == "application/x-amz-json-1.1");
  REQUIRE(answer.headers.size() == 2);
  CHECK(answer.headers[0].value.size() == 36);
  CHECK(answer.headers[1].value == "ResourceNotFoundException");
}

}  // namespace berth::dataapi
