#include "statements/row_encoder.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "statements/page_token.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

std::string Json(std::uint32_t oid, Field value) {
  const std::vector<Column> columns{{.name = "c", .type_oid = oid}};
  std::string page;
  RowEncoder(ResultFormat::kJson, columns).Append(page, std::vector<Field>{value});
  return page;
}

TEST_CASE("each type goes into the member of a Field that the type map says") {
  CHECK(Json(21, "-32768") == R"([{"longValue":-32768}])");
  CHECK(Json(20, "9223372036854775807") == R"([{"longValue":9223372036854775807}])");
  CHECK(Json(26, "4294967295") == R"([{"longValue":4294967295}])");
  CHECK(Json(701, "1e+20") == R"([{"doubleValue":1e+20}])");
  CHECK(Json(701, "0.1") == R"([{"doubleValue":0.1}])");
  CHECK(Json(700, "123.456") == R"([{"doubleValue":123.45600128173828}])");
  CHECK(Json(701, "NaN") == R"([{"doubleValue":"NaN"}])");
  CHECK(Json(700, "-Infinity") == R"([{"doubleValue":"-Infinity"}])");
  CHECK(Json(16, "t") == R"([{"booleanValue":true}])");
  CHECK(Json(16, "f") == R"([{"booleanValue":false}])");
  CHECK(Json(1700, "123.450") == R"([{"stringValue":"123.450"}])");
  CHECK(Json(17, "\\x616263ff") == R"([{"blobValue":"YWJj/w=="}])");
  CHECK(Json(1042, "health   ") == R"([{"stringValue":"health"}])");
  CHECK(Json(1043, "kept   ") == R"([{"stringValue":"kept   "}])");
  CHECK(Json(1184, "2024-06-12 19:30:45.88712+00") == R"([{"stringValue":"2024-06-12 19:30:45.88712+00"}])");
  CHECK(Json(4000, "{\"a\":1}") == R"([{"stringValue":"{\"a\":1}"}])");
  CHECK(Json(6551, "616263") == R"([{"stringValue":"616263"}])");
  CHECK(Json(23, std::nullopt) == R"([{"isNull":true}])");
}

TEST_CASE("every text becomes JSON that parses, whatever its bytes") {
  CHECK(Json(25, "a\"b\\c\n\t\x01") == "[{\"stringValue\":\"a\\\"b\\\\c\\n\\t\\u0001\"}]");
  CHECK(Json(25, "gr\xC3\xBC\xC3\x9F") == "[{\"stringValue\":\"gr\xC3\xBC\xC3\x9F\"}]");
  CHECK(Json(25, "a\xFF\xC3(") == "[{\"stringValue\":\"a\xEF\xBF\xBD\xEF\xBF\xBD(\"}]");
  CHECK(Json(25, "") == R"([{"stringValue":""}])");
}

TEST_CASE("CSV is quoted where it must be, and NULL is not the empty text") {
  const std::vector<Column> columns{{.name = "a,b", .type_oid = 25}, {.name = "c", .type_oid = 25}};
  const RowEncoder encoder(ResultFormat::kCsv, columns);
  CHECK(encoder.Header() == "\"a,b\",c\r\n");
  std::string page;
  encoder.Append(page, std::vector<Field>{"say \"hi\"", "two\nlines"});
  encoder.Append(page, std::vector<Field>{std::nullopt, ""});
  CHECK(page == "\"say \"\"hi\"\"\",\"two\nlines\"\r\n,\"\"\r\n");
}

TEST_CASE("column metadata is what the driver says of a type") {
  const auto varchar = DescribeColumn({.name = "v", .type_oid = 1043, .type_modifier = 24});
  CHECK(varchar.type_name == "varchar");
  CHECK(varchar.precision == 20);
  CHECK(varchar.is_case_sensitive);
  CHECK(varchar.label == "v");
  const auto numeric = DescribeColumn({.name = "n", .type_oid = 1700, .type_modifier = (18 << 16) + 4 + 4});
  CHECK(numeric.precision == 18);
  CHECK(numeric.scale == 4);
  CHECK(numeric.is_signed);
  CHECK(DescribeType(700, -1).scale == 8);
  CHECK(DescribeType(1114, -1).precision == 29);
  CHECK(DescribeType(1043, -1).precision == 2147483647);
  CHECK_FALSE(KnowsType(99999));
  const auto json = EncodeColumns(std::vector<ColumnMetadata>{varchar});
  CHECK(json == R"([{"isCaseSensitive":true,"isCurrency":false,"isSigned":false,"label":"v","name":"v","nullable":1,)"
                R"("precision":20,"scale":0,"schemaName":"","tableName":"","typeName":"varchar","length":0}])");
  CHECK(EncodeColumns(std::vector<ColumnMetadata>{varchar}, false).find("label") == std::string::npos);
}

TEST_CASE("tokens come back as they were, and anything else is refused") {
  const auto text = WriteToken({.of = "tables", .after = {"public", "it's, odd"}});
  const auto token = ReadToken(text, "tables");
  REQUIRE(token.ok());
  CHECK(token.value().after == std::vector<std::string>{"public", "it's, odd"});
  for (const auto& bad : {std::string("x"), std::string("00"), text + "6", text.substr(2), text + text,
                          std::string("zz"), std::string(5000, 'a')}) {
    CAPTURE(bad);
    CHECK(ReadToken(bad, "tables").error().code == ErrorCode::kInvalidArgument);
  }
  CHECK_FALSE(ReadToken(text, "schemas").ok());
  CHECK(ReadNumberToken(WriteToken({.of = "s", .after = {"17"}}), "s").value() == 17);
  for (const auto* bad : {"-1", "x", "", "99999999999999999999"}) {
    CHECK_FALSE(ReadNumberToken(WriteToken({.of = "s", .after = {bad}}), "s").ok());
  }
}

TEST_CASE("ids are ordered by time, and read as the service's pattern has them") {
  const auto id = NewUuid(Clock::Wall(std::chrono::milliseconds(1)));
  CHECK(id.size() == 36);
  CHECK(id.substr(0, 15) == "00000000-0001-7");
  CHECK(NewUuid(Clock::Wall(std::chrono::milliseconds(2))) > id);
  CHECK(ReadStatementId(id)->base == id);
  CHECK_FALSE(ReadStatementId(id)->of);
  CHECK(ReadStatementId(id + ":12")->of == std::optional<std::size_t>(12));
  CHECK(ReadStatementId("zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"));
  for (const auto& bad : {std::string(), std::string("NOTVALID"), id.substr(1), id + ":123", id + ":x", id + "1",
                          std::string("A") + id.substr(1)}) {
    CHECK_FALSE(ReadStatementId(bad));
  }
}

}  // namespace
}  // namespace berth::statements
