#include "sqlite/select.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace berth::sqlite {
namespace {

std::vector<MemoryTable> Tables() {
  MemoryTable cities{.name = "cities",
                     .columns = {{"name"}, {"people", ValueKind::kInteger}, {"port", ValueKind::kBoolean}},
                     .rows = {{"Bern", "134591", "f"}, {"Genua", "580097", "t"}, {"Nowhere", std::nullopt, "f"}}};
  return {cities};
}

Result<Selected> Select(std::string_view sql, std::vector<std::optional<std::string>> parameters = {},
                        Deadline deadline = Deadline::Never(), std::function<bool()> cancelled = nullptr) {
  return SelectInMemory(sql, "information_schema", Tables(), parameters,
                        {.clock = Clock::System(), .deadline = deadline, .cancelled = std::move(cancelled)});
}

std::string Text(const Result<Selected>& result) {
  if (!result.ok()) return std::string(result.error().Sqlstate()) + " " + result.error().message;
  std::string text;
  for (const auto& row : result.value().rows) {
    for (const auto& cell : row) text += (&cell == &row.front() ? "" : "|") + cell.value_or("NULL");
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a SELECT sees the tables, their kinds and NULLs") {
  const auto all = Select("SELECT * FROM information_schema.cities ORDER BY name;");
  CHECK(Text(all) == "Bern|134591|f\nGenua|580097|t\nNowhere|NULL|f\n");
  REQUIRE(all.ok());
  CHECK(all.value().columns[0].kind == ValueKind::kText);
  CHECK(all.value().columns[1].kind == ValueKind::kInteger);
  CHECK(all.value().columns[2].kind == ValueKind::kBoolean);
  const auto counted = Select("SELECT count(*) AS n, avg(people), max(name) FROM information_schema.cities");
  REQUIRE(counted.ok());
  CHECK(counted.value().columns[0].name == "n");
  CHECK(counted.value().columns[0].kind == ValueKind::kInteger);
  CHECK(counted.value().columns[1].kind == ValueKind::kFloat);
  CHECK(counted.value().columns[2].kind == ValueKind::kText);
  CHECK(Text(Select("SELECT name FROM information_schema.cities WHERE people > $1", {"200000"})) == "Genua\n");
  CHECK(Text(Select("WITH big AS (SELECT * FROM information_schema.cities WHERE port) SELECT name FROM big")) ==
        "Genua\n");
  CHECK(Text(Select("WITH big AS (SELECT * FROM information_schema.cities WHERE port) SELECT count(*) FROM big")) ==
        "1\n");
  CHECK(Text(Select("SELECT count(*) FROM (SELECT name FROM information_schema.cities)")) == "3\n");
}

TEST_CASE("nothing else can be read, written or opened") {
  for (const auto* const sql :
       {"SELECT * FROM sqlite_master", "SELECT count(*) FROM sqlite_master",
        "SELECT count(*) FROM pragma_database_list",
        "WITH x AS (SELECT name FROM sqlite_master) SELECT count(*) FROM x", "SELECT count(*) FROM json_each('[1]')",
        "SELECT * FROM information_schema.sqlite_master", "SELECT * FROM pragma_table_info('cities')",
        "ATTACH '/etc/passwd' AS p", "PRAGMA journal_mode", "DELETE FROM information_schema.cities",
        "INSERT INTO information_schema.cities VALUES ('x', 1, 0)", "CREATE TABLE t (a)",
        "DROP TABLE information_schema.cities", "SELECT load_extension('x')", "VACUUM INTO '/tmp/x'", "BEGIN",
        "EXPLAIN DELETE FROM information_schema.cities"}) {
    CAPTURE(sql);
    CHECK_FALSE(Select(sql).ok());
  }
  CHECK(Text(Select("SELECT 1; SELECT 2")) == "22023 system tables answer one SELECT at a time");
  CHECK(Text(Select("")) == "22023 system tables answer one SELECT at a time");
}

TEST_CASE("mistakes are told with their place") {
  const auto wrong = Select("SELECT nam FROM information_schema.cities");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().message == "no such column: nam");
  CHECK(wrong.error().span == SourceSpan{.offset = 7, .length = 1});
  CHECK(Text(Select("SELECT $1 FROM information_schema.cities")) ==
        "22023 the statement has 1 parameters, and 0 were given");
}

TEST_CASE("a SELECT without an end ends by its bounds") {
  constexpr auto* kForever = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r";
  const auto late = Select(kForever, {}, Deadline::After(Clock::System(), std::chrono::milliseconds(20)));
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == ErrorCode::kDeadlineExceeded);
  const auto cancelled = Select(kForever, {}, Deadline::Never(), [] { return true; });
  REQUIRE_FALSE(cancelled.ok());
  CHECK(cancelled.error().code == ErrorCode::kCancelled);
  const auto many = Select("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r");
  REQUIRE_FALSE(many.ok());
  CHECK(many.error().code == ErrorCode::kLimitExceeded);
  CHECK_FALSE(Select("SELECT group_concat(name, hex(zeroblob(3000000))) FROM information_schema.cities").ok());
}

}  // namespace berth::sqlite
