#include "sqlite/database.h"

#include <fstream>
#include <utility>

#include <doctest/doctest.h>

#include "support/temp_dir.h"

namespace berth::sqlite {
namespace {

struct File {
  test::TempDir folder;
  std::string path = folder / "x.db";
  File() { std::ofstream{path}; }

  std::unique_ptr<Database> Open() const {
    auto database = Database::Open({.path = path, .clock = &Clock::System()}, In(5'000));
    if (!database.ok()) FAIL(database.error().message);
    return std::move(database).value();
  }
  static Deadline In(int ms) { return Deadline::After(Clock::System(), std::chrono::milliseconds(ms)); }
};

void Must(const Status& status) {
  if (!status.ok()) FAIL(status.error().message);
}
std::string First(Database& database, std::string_view sql) {
  auto statement = database.Query(sql);
  if (!statement.ok()) FAIL(statement.error().message);
  REQUIRE(statement.value().Step().value());
  return statement.value().Text(0);
}

TEST_CASE("pages have the size that was asked for where the file was empty") {
  const File file;
  const auto open = [&](int bytes) {
    return Database::Open({.path = file.path, .page_bytes = bytes, .clock = &Clock::System()}, File::In(5'000));
  };
  const auto first = open(1'024);
  REQUIRE(first.ok());
  CHECK(First(*first.value(), "PRAGMA page_size") == "1024");
  Must(first.value()->RunScript("CREATE TABLE t (a INTEGER);"));
  const auto second = open(2'048);
  REQUIRE(second.ok());
  CHECK(First(*second.value(), "PRAGMA page_size") == "1024");
}

TEST_CASE("every handle is set up as the catalog needs it") {
  const File file;
  const auto database = file.Open();
  CHECK(First(*database, "PRAGMA journal_mode") == "wal");
  CHECK(First(*database, "PRAGMA foreign_keys") == "1");
  CHECK(First(*database, "PRAGMA synchronous") == "2");
  CHECK(First(*database, "PRAGMA trusted_schema") == "0");
  CHECK(First(*database, "PRAGMA cell_size_check") == "1");
  // A misspelt column in double quotes is an error, not a text.
  CHECK_FALSE(database->Query("SELECT \"no_such_column\"").ok());
}

TEST_CASE("the version of the data changes with each commit of another handle, and with nothing else") {
  const File file;
  const auto reader = file.Open();
  const auto writer = file.Open();
  const auto version = [&] { return reader->DataVersion().value(); };
  std::int64_t is = version();
  const auto changed = [&] { return std::exchange(is, version()) != is; };
  CHECK_FALSE(changed());
  for (const char* sql : {"CREATE TABLE t (i INTEGER)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)",
                          "UPDATE t SET i = 3", "DELETE FROM t"}) {
    Must(writer->RunScript(sql));
    CHECK(changed());
    CHECK_FALSE(changed());
  }
  Must(writer->BeginWrite());
  Must(writer->Run("INSERT INTO t VALUES (4)"));
  CHECK_FALSE(changed());
  writer->Rollback();
  CHECK_FALSE(changed());
  // The log begins anew, and its numbers with it.
  Must(writer->RunScript("PRAGMA wal_checkpoint(TRUNCATE)"));
  Must(writer->Run("INSERT INTO t VALUES (5)"));
  CHECK(changed());
  Must(reader->Run("INSERT INTO t VALUES (6)"));
  CHECK_FALSE(changed());
  const auto later = file.Open();
  Must(later->Run("INSERT INTO t VALUES (7)"));
  CHECK(changed());
}

TEST_CASE("values come back as they were bound") {
  const File file;
  const auto database = file.Open();
  Must(database->RunScript("CREATE TABLE t (i INTEGER, t TEXT, b BLOB, n TEXT) STRICT"));
  auto insert = database->Prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
  REQUIRE(insert.ok());
  insert.value().Bind(std::int64_t{-9'000'000'000});
  insert.value().Bind(std::string_view("a\0b", 3));
  insert.value().BindBlob(std::string_view("\0\xFF", 2));
  insert.value().Bind(std::optional<std::string>());
  Must(insert.value().Run());
  CHECK(database->ChangedRows() == 1);
  CHECK(database->LastInsertId() == 1);
  auto row = database->Query("SELECT i, t, b, n FROM t");
  REQUIRE(row.ok());
  REQUIRE(row.value().Step().value());
  CHECK(row.value().Integer(0) == -9'000'000'000);
  CHECK(row.value().Text(1) == std::string("a\0b", 3));
  CHECK(row.value().Text(2) == std::string("\0\xFF", 2));
  CHECK(row.value().IsNull(3));
  CHECK_FALSE(row.value().Step().value());
}

TEST_CASE("empty texts and blobs are no NULLs") {
  const File file;
  const auto database = file.Open();
  auto row = database->Prepare("SELECT typeof(?), typeof(?)");
  REQUIRE(row.ok());
  row.value().Bind(std::string_view());
  row.value().BindBlob(std::string_view());
  REQUIRE(row.value().Step().value());
  CHECK(row.value().Text(0) == "text");
  CHECK(row.value().Text(1) == "blob");
}

TEST_CASE("one text may be in use twice at once, and keeps no values from before") {
  const File file;
  const auto database = file.Open();
  constexpr std::string_view kSql = "SELECT ?1";
  auto outer = database->Query(kSql, std::string_view("outer"));
  REQUIRE(outer.value().Step().value());
  {
    auto inner = database->Query(kSql, std::string_view("inner"));
    REQUIRE(inner.value().Step().value());
    CHECK(inner.value().Text(0) == "inner");
  }
  CHECK(outer.value().Text(0) == "outer");
  {
    auto moved = std::move(outer.value());
    CHECK(moved.Text(0) == "outer");
  }
  auto again = database->Query(kSql);
  REQUIRE(again.value().Step().value());
  CHECK(again.value().IsNull(0));
}

TEST_CASE("more texts than the cache has room for") {
  const File file;
  const auto database = file.Open();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) CHECK(First(*database, "SELECT " + std::to_string(i)) == std::to_string(i));
  }
}

TEST_CASE("errors name the file and have the code that callers act on") {
  const File file;
  const auto database = file.Open();
  Must(database->RunScript(
      "CREATE TABLE p (id INTEGER PRIMARY KEY) STRICT;"
      "CREATE TABLE k (p INTEGER REFERENCES p (id) ON DELETE RESTRICT, u TEXT UNIQUE CHECK (u <> '')) STRICT;"
      "INSERT INTO p VALUES (1); INSERT INTO k VALUES (1, 'a');"));
  const auto code = [&](std::string_view sql) {
    const Status status = database->Run(sql);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find(file.path) != std::string::npos);
    return status.error().code;
  };
  CHECK(code("DELETE FROM p") == ErrorCode::kDependentsExist);
  CHECK(code("INSERT INTO k VALUES (2, 'b')") == ErrorCode::kDependentsExist);
  CHECK(code("INSERT INTO k VALUES (1, 'a')") == ErrorCode::kAlreadyExists);
  CHECK(code("INSERT INTO p VALUES (1)") == ErrorCode::kAlreadyExists);
  CHECK(code("INSERT INTO k VALUES (1, '')") == ErrorCode::kInternal);
  CHECK(code("INSERT INTO k VALUES ('x', 'c')") == ErrorCode::kInternal);
  CHECK(code("SELEKT 1") == ErrorCode::kInternal);
  auto unbound = database->Query("SELECT ?", std::int64_t{1}, std::int64_t{2});
  CHECK(unbound.value().Step().error().code == ErrorCode::kInternal);
}

TEST_CASE("a write transaction keeps others out until it ends") {
  const File file;
  const auto one = file.Open();
  const auto two = file.Open();
  Must(one->BeginWrite());
  CHECK(one->InTransaction());
  two->SetDeadline(File::In(0));
  const Status locked = two->BeginWrite();
  REQUIRE_FALSE(locked.ok());
  CHECK(locked.error().code == ErrorCode::kCatalogUnavailable);
  CHECK(locked.error().message.find("locked") != std::string::npos);
  CHECK_FALSE(two->InTransaction());
  Must(one->Commit());
  Must(two->BeginWrite());
  two->Rollback();
  CHECK_FALSE(two->InTransaction());
}

TEST_CASE("a read transaction sees one state") {
  const File file;
  const auto writer = file.Open();
  const auto reader = file.Open();
  Must(writer->RunScript("CREATE TABLE t (i INTEGER) STRICT"));
  Must(reader->BeginRead());
  CHECK(First(*reader, "SELECT count(*) FROM t") == "0");
  Must(writer->Run("INSERT INTO t VALUES (1)"));
  CHECK(First(*reader, "SELECT count(*) FROM t") == "0");
  reader->Rollback();
  CHECK(First(*reader, "SELECT count(*) FROM t") == "1");
}

TEST_CASE("an immutable handle reads and does not write") {
  const File file;
  Must(file.Open()->RunScript("CREATE TABLE t (i INTEGER) STRICT; INSERT INTO t VALUES (7)"));
  auto database = Database::Open({.path = file.path, .immutable = true, .clock = &Clock::System()}, File::In(0));
  REQUIRE(database.ok());
  CHECK(database.value()->read_only());
  CHECK(First(*database.value(), "SELECT i FROM t") == "7");
  CHECK(database.value()->BeginWrite().error().code == ErrorCode::kCatalogReadOnly);
  CHECK(database.value()->Run("INSERT INTO t VALUES (8)").error().code == ErrorCode::kCatalogReadOnly);
}

TEST_CASE("a file that is not there is not made") {
  test::TempDir folder;
  const auto database = Database::Open({.path = folder / "none.db", .clock = &Clock::System()}, File::In(0));
  REQUIRE_FALSE(database.ok());
  CHECK(database.error().code == ErrorCode::kCatalogUnavailable);
  CHECK(database.error().message.find("No such file") != std::string::npos);
}

}  // namespace
}  // namespace berth::sqlite
