#include "migrate/migration.h"

#include <doctest/doctest.h>

namespace berth::migrate {
namespace {

TEST_CASE("names of migrations") {
  const auto name = ParseMigrationName("V0003__add_Jobs2.sql");
  REQUIRE(name.ok());
  CHECK(name.value().version == 3);
  CHECK(name.value().description == "add Jobs2");
  CHECK(ParseMigrationName("V999999999999999999__x.sql").value().version == kVersionMax);
}

TEST_CASE("names that are none say why") {
  const std::pair<const char*, const char*> cases[] = {
      {"V1__x.txt", "does not end in .sql"},
      {"1__x.sql", "does not begin with V"},
      {"v1__x.sql", "does not begin with V"},
      {"V__x.sql", "no number"},
      {"V0__x.sql", "begin at 1"},
      {"V1000000000000000000__x.sql", "more than 18 digits"},
      {"V99999999999999999999999__x.sql", "more than 18 digits"},
      {"V1_x.sql", "two underscores"},
      {"V1__.sql", "a few words"},
      {"V1__a-b.sql", "letters, digits"},
      {"V1__a.b.sql", "letters, digits"},
      {".sql", "does not begin with V"},
      {"", "does not end in .sql"},
  };
  for (const auto& [name, reason] : cases) {
    const auto result = ParseMigrationName(name);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == ErrorCode::kInvalidArgument);
    CHECK_MESSAGE(result.error().message.find(reason) != std::string::npos, result.error().message);
    CHECK_FALSE(result.error().hint.empty());
  }
}

TEST_CASE("line ends and a byte order mark do not count") {
  CHECK(NormaliseText("\xEF\xBB\xBF"
                      "a\r\nb\rc\n") == "a\nb\nc\n");
  const auto unix_text = MakeMigration("V1__x.sql", "SELECT 1;\nSELECT 2;\n").value();
  const auto dos_text = MakeMigration("V1__x.sql",
                                      "\xEF\xBB\xBF"
                                      "SELECT 1;\r\nSELECT 2;\r\n")
                            .value();
  CHECK(unix_text.checksum == dos_text.checksum);
  CHECK(dos_text.sql == "SELECT 1;\nSELECT 2;\n");
  CHECK(unix_text.checksum.size() == 64);
  CHECK(MakeMigration("V1__x.sql", "SELECT 1;\nSELECT 3;\n").value().checksum != unix_text.checksum);
  CHECK(MakeMigration("V1__x.sql", "SELECT 1;  \nSELECT 2;\n").value().checksum != unix_text.checksum);
}

TEST_CASE("an empty migration is refused") {
  for (const char* text : {"", "\xEF\xBB\xBF", " \r\n\t"}) {
    CHECK(MakeMigration("V1__x.sql", text).error().message == "The migration V1__x.sql is empty");
  }
}

}  // namespace
}  // namespace berth::migrate
