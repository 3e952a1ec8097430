#include "shell/copy_command.h"

#include <doctest/doctest.h>

using berth::ErrorCode;
using berth::shell::ReadCopyCommand;

TEST_CASE("Tables, queries, targets") {
  const auto table = ReadCopyCommand("s.\"T t\" (a, \"b c\") to 'it''s here' csv header");
  REQUIRE(table.ok());
  CHECK(table.value().query == "SELECT a, \"b c\" FROM s.\"T t\"");
  CHECK(table.value().target == "it's here");
  CHECK(table.value().options.csv);
  CHECK(table.value().options.header);
  CHECK(table.value().options.delimiter == ',');
  const auto query = ReadCopyCommand("(select ')' from (values (1)) t) TO program 'gzip > x'");
  REQUIRE(query.ok());
  CHECK(query.value().query == "select ')' from (values (1)) t");
  CHECK(query.value().target == "|gzip > x");
  CHECK(query.value().options.null_text == "\\N");
  CHECK(ReadCopyCommand("t to /tmp/a-b.csv with csv").value().target == "/tmp/a-b.csv");
  CHECK(ReadCopyCommand("t to stdout").value().target.empty());
}

TEST_CASE("What is not read says why") {
  CHECK(ReadCopyCommand("t from 'f'").error().code == ErrorCode::kNotSupported);
  CHECK(ReadCopyCommand("t from 'f'").error().hint.find("S3") != std::string::npos);
  for (const char* text : {"", "t", "t to", "(select 1 to stdout", "t to program x", "t to stdout nonsense",
                           "t to stdout (format xml)", "t to stdout (format csv", "t to stdout null"}) {
    CAPTURE(text);
    CHECK(ReadCopyCommand(text).error().code == ErrorCode::kSyntax);
  }
  CHECK(ReadCopyCommand("t to stdout delimiter 'ab'").error().code == ErrorCode::kInvalidArgument);
  CHECK(ReadCopyCommand("t to stdout quote 'a'").error().code == ErrorCode::kInvalidArgument);
}
