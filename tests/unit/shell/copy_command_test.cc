#include "shell/copy_command.h"

#include <doctest/doctest.h>

using berth::ErrorCode;
using berth::shell::CopyCommand;
using berth::shell::ReadCopyCommand;

TEST_CASE("Tables, queries, targets") {
  const auto table = ReadCopyCommand("s.\"T t\" (a, \"b c\") to 'it''s here' csv header");
  REQUIRE(table.ok());
  CHECK(table.value().statement == "SELECT a, \"b c\" FROM s.\"T t\"");
  CHECK(table.value().file == "it's here");
  CHECK(table.value().options.csv);
  CHECK(table.value().options.header);
  CHECK(table.value().options.delimiter == ',');
  const auto query = ReadCopyCommand("(select ')' from (values (1)) t) TO program 'gzip > x'");
  REQUIRE(query.ok());
  CHECK(query.value().statement == "select ')' from (values (1)) t");
  CHECK(query.value().file == "|gzip > x");
  CHECK(query.value().options.null_text == "\\N");
  CHECK(ReadCopyCommand("t to /tmp/a-b.csv with csv").value().file == "/tmp/a-b.csv");
  CHECK(ReadCopyCommand("t to stdout").value().stream == CopyCommand::Stream::kStatements);
}

TEST_CASE("Rows in: the options are the server's to judge") {
  const auto file =
      ReadCopyCommand("s.\"T t\" (a, b) from '/tmp/it''s.csv' with (format csv, header match) where a > 1");
  REQUIRE(file.ok());
  CHECK(file.value().from);
  CHECK(file.value().file == "/tmp/it's.csv");
  CHECK(file.value().statement == "COPY s.\"T t\" (a, b) FROM STDIN with (format csv, header match) where a > 1");
  CHECK(ReadCopyCommand("t from /tmp/a-b.csv csv").value().statement == "COPY t FROM STDIN csv");
  CHECK(ReadCopyCommand("t from /tmp/a-b.csv").value().file == "/tmp/a-b.csv");
  CHECK(ReadCopyCommand("t from program 'zcat x'").value().file == "|zcat x");
  CHECK(ReadCopyCommand("t from stdin").value().stream == CopyCommand::Stream::kStatements);
  CHECK(ReadCopyCommand("t FROM PSTDIN null 'x'").value().stream == CopyCommand::Stream::kStandard);
  CHECK(ReadCopyCommand("t FROM PSTDIN null 'x'").value().statement == "COPY t FROM STDIN null 'x'");
}

TEST_CASE("What is not read says why") {
  for (const char* text :
       {"", "t", "t to", "t from", "(select 1) from 'f'", "t from program f", "(select 1 to stdout", "t to program x",
        "t to stdout nonsense", "t to stdout (format xml)", "t to stdout (format csv", "t to stdout null"}) {
    CAPTURE(text);
    CHECK(ReadCopyCommand(text).error().code == ErrorCode::kSyntax);
  }
  CHECK(ReadCopyCommand("t to stdout delimiter 'ab'").error().code == ErrorCode::kInvalidArgument);
  CHECK(ReadCopyCommand("t to stdout quote 'a'").error().code == ErrorCode::kInvalidArgument);
}
