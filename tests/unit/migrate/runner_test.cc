#include "migrate/runner.h"

#include <doctest/doctest.h>

namespace berth::migrate {
namespace {

Migration File(std::int64_t version, const std::string& text = "SELECT 1") {
  return MakeMigration("V" + std::to_string(version) + "__step_" + std::to_string(version) + ".sql", text).value();
}
AppliedMigration Row(const Migration& file, const std::string& program = "berth 0.1.0") {
  return {.version = file.version, .description = file.description, .checksum = file.checksum, .program = program};
}
std::string Versions(const std::vector<Migration>& migrations) {
  std::string text;
  for (const auto& migration : migrations) text += std::to_string(migration.version) + " ";
  return text;
}
bool Has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST_CASE("what is left is planned in the order of versions") {
  const Migration files[] = {File(10), File(2), File(1)};
  CHECK(Versions(PlanMigrations("T", files, {}).value()) == "1 2 10 ");
  const AppliedMigration history[] = {Row(files[2])};
  CHECK(Versions(PlanMigrations("T", files, history).value()) == "2 10 ");
  const AppliedMigration all[] = {Row(files[0]), Row(files[1]), Row(files[2])};
  CHECK(PlanMigrations("T", files, all).value().empty());
  CHECK(PlanMigrations("T", {}, {}).value().empty());
}

TEST_CASE("files and histories that disagree") {
  const Migration files[] = {File(1), File(3)};
  SUBCASE("a newer program was here") {
    const AppliedMigration history[] = {Row(File(1)), Row(File(7), "berth 9.0.0")};
    const auto error = PlanMigrations("The catalog /c", files, history).error();
    CHECK(error.code == ErrorCode::kFailedPrecondition);
    CHECK(error.message == "The catalog /c is at version 7 (made by berth 9.0.0); this program knows versions up to 3");
    CHECK(Has(error.hint, "berth 9.0.0 or later"));
  }
  SUBCASE("a file is gone") {
    const AppliedMigration history[] = {Row(File(1)), Row(File(2)), Row(File(3))};
    const auto error = PlanMigrations("T", files, history).error();
    CHECK(error.code == ErrorCode::kFailedPrecondition);
    CHECK(Has(error.message, "migration 2 (step 2)"));
  }
  SUBCASE("a file was changed") {
    const AppliedMigration history[] = {Row(File(1, "SELECT 2"))};
    const auto error = PlanMigrations("T", files, history).error();
    CHECK(error.code == ErrorCode::kFailedPrecondition);
    CHECK(Has(error.message, "Migration 1 (step 1) was changed after it was applied"));
    CHECK(Has(error.detail, File(1).checksum.substr(0, 12)));
  }
  SUBCASE("a file came too late") {
    const AppliedMigration history[] = {Row(File(3))};
    const auto error = PlanMigrations("T", files, history).error();
    CHECK(error.code == ErrorCode::kFailedPrecondition);
    CHECK(Has(error.message, "already at version 3"));
  }
  SUBCASE("two files have one version") {
    const Migration twice[] = {File(1), File(1, "SELECT 2")};
    CHECK(PlanMigrations("T", twice, {}).error().code == ErrorCode::kInvalidArgument);
  }
}

// A target in memory that writes down what it was asked, and can have another process get in between.
class FakeTarget final : public MigrationTarget {
 public:
  std::string Name() const override { return "The fake"; }
  Result<std::vector<AppliedMigration>> History() override {
    log += "history ";
    return history;
  }
  Status Lock(Deadline) override {
    log += "lock ";
    if (by_another) history.push_back(*by_another);
    return {};
  }
  Status Apply(const Migration& migration) override {
    log += "apply" + std::to_string(migration.version) + " ";
    if (migration.version == fails_at) return Error{.code = ErrorCode::kServer, .message = "no"};
    return {};
  }
  Status Finish() override {
    log += "finish ";
    return {};
  }

  std::vector<AppliedMigration> history;
  std::optional<AppliedMigration> by_another;
  std::int64_t fails_at = 0;
  std::string log;
};

TEST_CASE("migrations are applied under the lock, and the target is told that it is done") {
  const Migration files[] = {File(2), File(1)};
  FakeTarget target;
  const auto report = MigrateUp(target, files, Deadline::Never()).value();
  CHECK(target.log == "history lock history apply1 apply2 finish ");
  CHECK(report.version == 2);
  CHECK(report.applied == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("a target that is up to date is not locked") {
  const Migration files[] = {File(1)};
  FakeTarget target;
  target.history = {Row(files[0])};
  const auto report = MigrateUp(target, files, Deadline::Never()).value();
  CHECK(target.log == "history ");
  CHECK(report.version == 1);
  CHECK(report.applied.empty());
}

TEST_CASE("what another process applied before the lock was had is not applied again") {
  const Migration files[] = {File(1), File(2)};
  FakeTarget target;
  target.by_another = Row(files[0]);
  const auto report = MigrateUp(target, files, Deadline::Never()).value();
  CHECK(target.log == "history lock history apply2 finish ");
  CHECK(report.version == 2);
}

TEST_CASE("after a failure nothing more is applied and the target is not told that it is done") {
  const Migration files[] = {File(1), File(2), File(3)};
  FakeTarget target;
  target.fails_at = 2;
  CHECK(MigrateUp(target, files, Deadline::Never()).error().code == ErrorCode::kServer);
  CHECK(target.log == "history lock history apply1 apply2 ");
}

}  // namespace
}  // namespace berth::migrate
