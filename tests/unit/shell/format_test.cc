#include "shell/format.h"

#include <doctest/doctest.h>

#include "fakes.h"

using berth::Column;
using berth::ValueKind;
using berth::shell::OutputFormat;
using berth::shell::OutputFormatNamed;
using berth::shell::test::Captured;
using berth::shell::test::Formatted;
using berth::shell::test::Integer;
using berth::shell::test::Text;

namespace {

std::string In(OutputFormat format, const std::vector<Column>& columns,
               const std::vector<berth::shell::test::Values>& rows) {
  return Formatted({.format = format}, columns, rows);
}

}  // namespace

TEST_CASE("Formats have the names that -o takes") {
  CHECK(OutputFormatNamed("table") == OutputFormat::kTable);
  CHECK(OutputFormatNamed("json") == OutputFormat::kJson);
  CHECK(OutputFormatNamed("csv") == OutputFormat::kCsv);
  CHECK(OutputFormatNamed("tsv") == OutputFormat::kTsv);
  CHECK(OutputFormatNamed("plain") == OutputFormat::kPlain);
  CHECK(OutputFormatNamed("CSV") == std::nullopt);
  CHECK(OutputFormatNamed("") == std::nullopt);
}

TEST_CASE("csv: a header, NULL empty, the empty string quoted, quotes doubled") {
  CHECK(
      In(OutputFormat::kCsv, {Text("a"), Text("b,c")}, {{"x", std::nullopt}, {"", "say \"hi\""}, {"1,2", "l1\nl2"}}) ==
      "a,\"b,c\"\nx,\n\"\",\"say \"\"hi\"\"\"\n\"1,2\",\"l1\nl2\"\n");
  CHECK(In(OutputFormat::kCsv, {Text("a")}, {{"\\."}, {"\r"}, {"long enough for words, and more"}}) ==
        "a\n\"\\.\"\n\"\r\"\n\"long enough for words, and more\"\n");
  CHECK(In(OutputFormat::kCsv, {Text("a")}, {}) == "a\n");
  // A special character at every place of a long value is found.
  for (std::size_t at = 0; at < 20; ++at) {
    std::string value(20, 'x');
    value[at] = '"';
    CHECK(In(OutputFormat::kCsv, {Text("a")}, {{value}}).size() == 20 + 3 + 3);
  }
}

TEST_CASE("tsv is COPY's text format") {
  CHECK(In(OutputFormat::kTsv, {Text("a"), Text("b")}, {{std::nullopt, ""}, {"t\ta", "n\nl\\"}, {"\b\f\r\v", "\\N"}}) ==
        "\\N\t\nt\\ta\tn\\nl\\\\\n\\b\\f\\r\\v\t\\\\N\n");
}

TEST_CASE("plain is values by tab as they are") {
  CHECK(In(OutputFormat::kPlain, {Text("a"), Text("b")}, {{"x", std::nullopt}, {"1\\", "y"}}) == "x\t\n1\\\ty\n");
}

TEST_CASE("json: integers, floats and booleans native, numeric and what is no JSON number as text") {
  const std::vector<Column> columns{Integer("i"),
                                    {.name = "f", .kind = ValueKind::kFloat},
                                    {.name = "b", .kind = ValueKind::kBoolean},
                                    {.name = "n", .kind = ValueKind::kNumeric},
                                    Text("t")};
  CHECK(In(OutputFormat::kJson, columns,
           {{"-12", "1.5e+20", "t", "1.10", "x"}, {"9223372036854775807", "NaN", "f", "NaN", std::nullopt}}) ==
        "[{\"i\":-12,\"f\":1.5e+20,\"b\":true,\"n\":\"1.10\",\"t\":\"x\"},\n"
        "{\"i\":9223372036854775807,\"f\":\"NaN\",\"b\":false,\"n\":\"NaN\",\"t\":null}]\n");
  CHECK(In(OutputFormat::kJson, {{.name = "f", .kind = ValueKind::kFloat}},
           {{"-Infinity"}, {"-0"}, {"1e-05"}, {".5"}, {"1."}, {"1e"}}) ==
        "[{\"f\":\"-Infinity\"},\n{\"f\":-0},\n{\"f\":1e-05},\n{\"f\":\".5\"},\n{\"f\":\"1.\"},\n{\"f\":\"1e\"}]\n");
  CHECK(In(OutputFormat::kJson, {Integer("i")}, {{"10 (default)"}, {"007"}, {""}, {"-"}, {"+1"}}) ==
        "[{\"i\":\"10 (default)\"},\n{\"i\":\"007\"},\n{\"i\":\"\"},\n{\"i\":\"-\"},\n{\"i\":\"+1\"}]\n");
  CHECK(In(OutputFormat::kJson, {Text("a")}, {}) == "[]\n");
}

TEST_CASE("json: strings are escaped, and made UTF-8 where they are not") {
  CHECK(In(OutputFormat::kJson, {Text("a\"b")}, {{"q\" b\\ n\n r\r t\t \x01"}}) ==
        "[{\"a\\\"b\":\"q\\\" b\\\\ n\\n r\\r t\\t \\u0001\"}]\n");
  CHECK(In(OutputFormat::kJson, {Text("a")}, {{"gr\xC3\xBC\xC3\x9F"}}) == "[{\"a\":\"gr\xC3\xBC\xC3\x9F\"}]\n");
  CHECK(In(OutputFormat::kJson, {Text("a")}, {{"x\xE9y"}}) == "[{\"a\":\"x\xEF\xBF\xBDy\"}]\n");
  CHECK(In(OutputFormat::kJson, {Text("a")}, {{"\xE4\xBD"}}) == "[{\"a\":\"\xEF\xBF\xBD\xEF\xBF\xBD\"}]\n");
}

TEST_CASE("json: a result that an error cut short is no complete array") {
  Captured out;
  const auto format = MakeFormatter({.format = OutputFormat::kJson}, out.output());
  const std::vector<Column> columns{Integer("i")};
  format->Begin(columns);
  const std::vector<berth::Field> row{"1"};
  format->Row(row);
  format->Abandon();
  CHECK(out.Text() == "[{\"i\":1}\n");
}

TEST_CASE("jsonl: an object a line, whole whatever comes after it") {
  CHECK(In(OutputFormat::kJsonLines, {Integer("i"), Text("t")}, {{"1", "a\"b"}, {"2", std::nullopt}}) ==
        "{\"i\":1,\"t\":\"a\\\"b\"}\n{\"i\":2,\"t\":null}\n");
  CHECK(In(OutputFormat::kJsonLines, {Integer("i")}, {}).empty());
}

TEST_CASE("unaligned: values by a separator, NULL as chosen") {
  const std::vector<berth::shell::test::Values> rows{{"1", std::nullopt}, {"2", "x|y"}};
  CHECK(Formatted({.format = OutputFormat::kUnaligned, .null_text = "-"}, {Text("a"), Text("b")}, rows) ==
        "a|b\n1|-\n2|x|y\n(2 rows)\n");
  CHECK(Formatted({.format = OutputFormat::kUnaligned, .tuples_only = true, .field_separator = "; "},
                  {Text("a"), Text("b")}, rows) == "1; \n2; x|y\n");
}
