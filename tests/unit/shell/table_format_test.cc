#include "shell/table_format.h"

#include <doctest/doctest.h>

#include "fakes.h"

using berth::Column;
using berth::shell::Expanded;
using berth::shell::TableFormat;
using berth::shell::test::Captured;
using berth::shell::test::Formatted;
using berth::shell::test::Integer;
using berth::shell::test::Text;
using berth::shell::test::Values;

namespace {

std::string Table(const std::vector<Column>& columns, const std::vector<Values>& rows,
                  Expanded expanded = Expanded::kOff, std::size_t screen = 80) {
  return Formatted({.expanded = expanded, .screen_columns = screen}, columns, rows);
}

}  // namespace

TEST_CASE("A table as psql draws it: centred names, numbers on the right, a count") {
  CHECK(Table({Integer("id"), Text("name"), Integer("amount")}, {{"1", "ab", "100000"}, {"22", std::nullopt, "7"}}) ==
        " id | name | amount \n"
        "----+------+--------\n"
        "  1 | ab   | 100000\n"
        " 22 |      |      7\n"
        "(2 rows)\n\n");
  CHECK(Table({Text("a")}, {{"12345"}}) == "   a   \n-------\n 12345\n(1 row)\n\n");
  CHECK(Table({Text("a"), Text("b")}, {}) == " a | b \n---+---\n(0 rows)\n\n");
}

TEST_CASE("Wide and combining characters take the columns that the terminal gives them") {
  CHECK(Table({Text("a"), Text("b")}, {{"\xE4\xB8\xAD\xE6\x96\x87", "x"}, {"e\xCC\x81", "y"}}) ==
        "  a   | b \n------+---\n \xE4\xB8\xAD\xE6\x96\x87 | x\n e\xCC\x81    | y\n(2 rows)\n\n");
}

TEST_CASE("Several lines in a value; control characters cannot reach the terminal") {
  CHECK(Table({Text("a"), Text("b")}, {{"one\ntwo", "x"}, {"y", "1\n22"}}) ==
        "  a  | b  \n-----+----\n one+| x\n two | \n y   | 1 +\n     | 22\n(2 rows)\n\n");
  CHECK(Table({Text("a")}, {{"\x1B[31m"}}) == "    a     \n----------\n \\x1B[31m\n(1 row)\n\n");
  CHECK(Table({Text("a")}, {{"x\ty\r"}}) == "      a      \n-------------\n x       y\\r\n(1 row)\n\n");
  CHECK(Table({Text("a\nb")}, {{"1"}}) == " a\\nb \n------\n 1\n(1 row)\n\n");
}

TEST_CASE("Widths come from the first rows; a later, wider value is written whole") {
  std::vector<Values> rows(TableFormat::kSampleRows, Values{"abc", "x"});
  rows.push_back({"wider than all", "y"});
  const auto text = Table({Text("a"), Text("b")}, rows);
  CHECK(text.starts_with("  a  | b \n-----+---\n abc | x\n"));
  CHECK(text.ends_with(" abc | x\n wider than all | y\n(1001 rows)\n\n"));
}

TEST_CASE("The rows held back are bounded by bytes as well") {
  Captured out;
  const std::vector<Column> columns{Text("a")};
  TableFormat format({}, out.output());
  format.Begin(columns);
  const std::string value(TableFormat::kSampleBytes / 2, 'x');
  const std::vector<berth::Field> row{value};
  format.Row(row);
  CHECK(out.Text().empty());
  format.Row(row);
  CHECK(out.Text().size() > TableFormat::kSampleBytes);
}

TEST_CASE("Expanded as psql's x") {
  CHECK(Table({Integer("id"), Text("long_name")}, {{"1", "ab"}, {"2", "one\ntwo"}}, Expanded::kOn) ==
        "-[ RECORD 1 ]--\n"
        "id        | 1\n"
        "long_name | ab\n"
        "-[ RECORD 2 ]--\n"
        "id        | 2\n"
        "long_name | one+\n"
        "          | two\n\n");
  CHECK(Table({Text("a_very_long_name")}, {{"value"}}, Expanded::kOn) ==
        "-[ RECORD 1 ]----+------\na_very_long_name | value\n\n");
  CHECK(Table({Text("a")}, {}, Expanded::kOn) == "(0 rows)\n\n");
}

TEST_CASE("Expanded where the table is wider than the screen") {
  const std::vector<Column> columns{Text("aaaa"), Text("bbbb")};  // " aaaa | bbbb ": 13 columns
  CHECK(Table(columns, {{"1", "2"}}, Expanded::kAuto, 13).starts_with(" aaaa | bbbb"));
  CHECK(Table(columns, {{"1", "2"}}, Expanded::kAuto, 12).starts_with("-[ RECORD 1 ]"));
}

TEST_CASE("An error after some rows: they are shown, no count is") {
  Captured out;
  const std::vector<Column> columns{Text("a")};
  TableFormat format({}, out.output());
  format.Begin(columns);
  const std::vector<berth::Field> row{"x"};
  format.Row(row);
  format.Abandon();
  CHECK(out.Text() == " a \n---\n x\n\n");
}
