#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "base/embedded.h"
#include "sqlite/database.h"
#include "statements/record.h"
#include "support/temp_dir.h"
#include "unit/statements/fake_engine.h"
#include "unit/statements/service_fixture.h"

namespace berth::statements {

TEST_CASE("a folder of the first version is brought up to date, with its statements, batches and what lives") {
  const test::TempDir folder;
  const std::string data = folder / "statements";
  std::filesystem::create_directory(data);
  const std::string path = data + "/statements.db";
  std::ofstream{path};
  {
    auto opened = sqlite::Database::Open({.path = path, .clock = &Clock::System()}, Deadline::Never());
    REQUIRE(opened.ok());
    auto& database = *opened.value();
    REQUIRE(EmbeddedSql().size() >= 2);
    REQUIRE(database.RunScript(std::string(EmbeddedSql()[0].text)).ok());
    REQUIRE(database.RunScript("PRAGMA user_version = 1").ok());
    const auto now = ToMillis(Clock::System().WallNow());
    const auto insert = [&](std::string_view id, StatementState state, bool is_batch) {
      const auto done = database.Run(
          "INSERT INTO statements (id, caller, connection, owner, state, created_at, updated_at, is_batch,"
          " execution_mode, result_format, with_event, name, sealed) VALUES (?, 'ann', 'wh', 'gone', ?, ?, ?, ?, 0, 0,"
          " 0, '', x'00')",
          id, static_cast<int>(state), now, now, is_batch);
      if (!done.ok()) FAIL(done.error().message);
    };
    insert("00000000-0000-4000-8000-000000000001", StatementState::kFinished, false);
    insert("00000000-0000-4000-8000-000000000002", StatementState::kFinished, true);
    insert("00000000-0000-4000-8000-000000000003", StatementState::kStarted, false);
    REQUIRE(database
                .Run("INSERT INTO sub_statements VALUES (2, 1, ?, ?, ?, -1, 5, 7, 70, 0, NULL)",
                     static_cast<int>(StatementState::kFinished), now, now)
                .ok());
  }
  FakeEngine engine;
  auto service = StatementService::Open({.engine = &engine, .folder = data});
  if (!service.ok()) FAIL(service.error().message);
  CHECK(StateOf(*service.value(), "00000000-0000-4000-8000-000000000001") == "FINISHED");
  CHECK(StateOf(*service.value(), "00000000-0000-4000-8000-000000000003") == "FAILED");  // its process is gone
  const auto batch = service.value()->Describe("ann", "00000000-0000-4000-8000-000000000002");
  REQUIRE(batch.ok());
  REQUIRE(batch.value().sub_statements.size() == 1);
  CHECK(batch.value().sub_statements[0].progress.result_rows == 7);
  const auto fresh = RunToEnd(*service.value(), RequestOf("rows 2"));
  CHECK(service.value()->Page("ann", fresh.id, "", ResultFormat::kJson).value().total_rows == 2);
  const auto listed = service.value()->List({.caller = "ann", .state = std::nullopt});
  REQUIRE(listed.ok());
  REQUIRE(listed.value().statements.size() == 4);
  CHECK(listed.value().statements.front().id == fresh.id);
  // What a batch had goes with it, as before.
  auto database = sqlite::Database::Open({.path = path, .clock = &Clock::System()}, Deadline::Never());
  REQUIRE(database.ok());
  REQUIRE(database.value()->Run("DELETE FROM statements WHERE number = 2").ok());
  auto left = database.value()->Query("SELECT count(*) FROM sub_statements");
  REQUIRE(left.ok());
  REQUIRE(left.value().Step().value());
  CHECK(left.value().Integer(0) == 0);
}

}  // namespace berth::statements
