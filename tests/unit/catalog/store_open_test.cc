#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/embedded.h"
#include "catalog/schema.h"
#include "catalog/sqlite_store.h"
#include "support/places.h"
#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/child.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

Error Refused(const std::string& path) {
  return ErrorFrom(Store::Open(OptionsFor(path)));
}

TEST_CASE("the file and its folders are made, for their owner alone") {
  test::TempDir folder;
  const std::string path = folder / "a/b/catalog.db";
  const auto old_mask = ::umask(0);
  const auto store = Must(Store::Open(OptionsFor(path)));
  Must(Must(store->Begin(Access::kWrite, Soon()))->Commit());
  ::umask(old_mask);
  CHECK(ModeOf(folder / "a") == 0700);
  CHECK(ModeOf(folder / "a/b") == 0700);
  CHECK(ModeOf(path) == 0600);
  CHECK(ModeOf(path + "-wal") == 0600);
  CHECK(ModeOf(path + "-shm") == 0600);
  CHECK(store->Name() == "sqlite:" + std::filesystem::canonical(path).string());
  CHECK(RawSql(path, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("a catalog is opened again without a change") {
  const Catalog catalog;
  catalog.Add("c1");
  const auto applied = RawSql(catalog.path, "SELECT group_concat(version || applied_at) FROM berth_migrations");
  const auto again = Must(Store::Open(OptionsFor(catalog.path)));
  CHECK(Must(Must(again->Begin(Access::kRead, Soon()))->FindConnection("c1")));
  CHECK(RawSql(catalog.path, "SELECT group_concat(version || applied_at) FROM berth_migrations") == applied);
}

TEST_CASE("the program's version in the history is the project's") {
  const Catalog catalog;
  std::ifstream file(test::SourceDir() / "CMakeLists.txt");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string version(kProgramVersion.substr(kProgramVersion.find(' ') + 1));
  CHECK(Has(text, "project(berth VERSION " + version + " "));
  CHECK(RawSql(catalog.path, "SELECT applied_by FROM berth_migrations") == kProgramVersion);
}

TEST_CASE("addresses that name no catalog") {
  for (const std::string uri : {"", "catalog.db", "sqlite:", "sqlite:/tmp/", "postgresql://h/d", "SQLITE:/x"}) {
    const auto error = ErrorFrom(Store::Open({.uri = uri, .actor = "u"}));
    CHECK(error.code == ErrorCode::kInvalidArgument);
    CHECK(Has(error.message, "'" + uri + "'"));
    CHECK(Has(error.hint, "sqlite:PATH"));
  }
  CHECK(ErrorFrom(Store::Open({.uri = std::string("sqlite:/tmp/a\0b", 15)})).code == ErrorCode::kInvalidArgument);
}

TEST_CASE("names of files that an address would have to escape") {
  test::TempDir folder;
  const std::string path = folder / "a b%20?mode=memory#x.db";
  const auto store = Must(Store::Open(OptionsFor(path)));
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a folder in place of the file, and a file in place of the folder") {
  test::TempDir folder;
  std::filesystem::create_directory(folder / "catalog.db");
  const auto error = Refused(folder / "catalog.db");
  CHECK(error.code == ErrorCode::kCatalogUnavailable);
  CHECK(Has(error.message, "is a folder"));
  std::ofstream(folder / "file") << "x";
  const auto below = Refused(folder / "file/catalog.db");
  CHECK(below.code == ErrorCode::kCatalogUnavailable);
  CHECK(Has(below.message, folder / "file"));
}

TEST_CASE("a file that is no database") {
  test::TempDir folder;
  const std::string path = folder / "notes.txt";
  const std::string text =
      "These are my notes, more than a hundred bytes of them so that SQLite has a header to look at. "
      "And a bit more, to be safe.\n";
  std::ofstream(path) << text;
  const auto error = Refused(path);
  CHECK(error.code == ErrorCode::kCatalogCorrupt);
  CHECK(Has(error.message, path));
  CHECK(Has(error.message, "is not a database"));
  std::ifstream file(path);
  CHECK(std::string((std::istreambuf_iterator<char>(file)), {}) == text);  // and it is as it was
}

TEST_CASE("a damaged catalog") {
  test::TempDir folder;
  const std::string path = folder / "catalog.db";
  {
    const auto store = Must(Store::Open(OptionsFor(path)));
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(3000, '\xFF');
  }
  const auto error = Refused(path);
  CHECK(error.code == ErrorCode::kCatalogCorrupt);
  CHECK(Has(error.message, path));
}

TEST_CASE("a catalog that was cut off, wherever, is refused and not begun anew") {
  const Catalog whole;
  whole.Add("c1");
  CHECK(RawSql(whole.path, "PRAGMA wal_checkpoint(TRUNCATE)").starts_with("0"));
  const auto size = std::filesystem::file_size(whole.path);
  test::TempDir folder;
  const std::string path = folder / "catalog.db";
  for (const std::uintmax_t bytes : {std::uintmax_t{0}, std::uintmax_t{1}, std::uintmax_t{2}, std::uintmax_t{99},
                                     std::uintmax_t{100}, std::uintmax_t{4096}, size / 2, size - 4096}) {
    CAPTURE(bytes);
    std::filesystem::copy_file(whole.path, path, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(whole.path + ".key", path + ".key", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(path, bytes);
    const auto error = Refused(path);
    CHECK(error.code == ErrorCode::kCatalogCorrupt);
    CHECK(Has(error.message, path));
    CHECK(std::filesystem::file_size(path) == bytes);
  }
  std::filesystem::remove(path);
  CHECK(Store::Open(OptionsFor(path)).ok());  // a new one, with the key that is there
}

TEST_CASE("a database of another program is left alone") {
  test::TempDir folder;
  const std::string path = folder / "places.db";
  RawSql(path, "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')");
  const auto error = Refused(path);
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, "another program"));
  CHECK(RawSql(path, "SELECT count(*) FROM sqlite_schema") == "1");
}

TEST_CASE("a catalog of a newer version that this program may not read names both versions") {
  const Catalog catalog;
  RawSql(catalog.path,
         "PRAGMA user_version = 900;"
         "INSERT INTO berth_migrations VALUES (900, 'groups', 'abc', '2030-01-01T00:00:00.000Z', 'berth 9.1.0')");
  const auto error = Refused(catalog.path);
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, "version 900"));
  CHECK(Has(error.message, "berth 9.1.0"));
  CHECK(Has(error.message, fmt::format("up to {}", EmbeddedSql().size())));
}

TEST_CASE("a catalog that a newer program only added to is read and written") {
  const Catalog catalog;
  catalog.Add("c");
  CHECK(std::stoll(RawSql(catalog.path, "PRAGMA user_version")) <= static_cast<long long>(EmbeddedSql().size()));
  RawSql(catalog.path,
         "INSERT INTO berth_migrations VALUES (900, 'more', 'abc', '2030-01-01T00:00:00.000Z', 'berth 9.1.0');"
         "CREATE TABLE more (x); ALTER TABLE connections ADD COLUMN more TEXT NOT NULL DEFAULT 'm'");
  const auto store = Must(Store::Open(OptionsFor(catalog.path)));
  const auto transaction = Must(store->Begin(Access::kWrite, Soon()));
  CHECK(Must(transaction->FindConnection("c")));
  Must(transaction->InsertConnection(NewConnection("d"), Secret("pw")));
  Must(transaction->Commit());
}

TEST_CASE("a network file system is refused by name, before anything is made") {
  test::TempDir folder;
  const std::string path = folder / "catalog.db";
  SqliteWorld world;
  std::string asked;
  world.probe = [&](const std::string& where) -> Result<sqlite::Filesystem> {
    asked = where;
    return sqlite::Filesystem{.name = "nfs", .network = true};
  };
  const auto error = ErrorFrom(OpenSqliteStore(OptionsFor(path), world));
  CHECK(error.code == ErrorCode::kCatalogUnavailable);
  CHECK(Has(error.message, "network file system (nfs)"));
  CHECK(asked == std::filesystem::canonical(folder.path()).string());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the data version changes with every commit, of this store and of others") {
  const Catalog catalog;
  const auto other = Must(Store::Open(OptionsFor(catalog.path)));
  const auto before = Must(catalog.store->DataVersion());
  CHECK(Must(catalog.store->DataVersion()) == before);
  {
    catalog.Write();
  }
  CHECK(Must(catalog.store->DataVersion()) == before);  // rolled back
  catalog.Add("c1");
  const auto after = Must(catalog.store->DataVersion());
  CHECK(after != before);
  auto transaction = Must(other->Begin(Access::kWrite, Soon()));
  Must(transaction->InsertConnection(NewConnection("c2"), Secret("pw")));
  CHECK(Must(catalog.store->DataVersion()) == after);
  Must(transaction->Commit());
  CHECK(Must(catalog.store->DataVersion()) != after);
}

TEST_CASE("transactions outlive their store") {
  std::unique_ptr<Transaction> transaction;
  test::TempDir folder;
  {
    const auto store = Must(Store::Open(OptionsFor(folder / "c.db")));
    transaction = Must(store->Begin(Access::kWrite, Soon()));
  }
  Must(transaction->InsertConnection(NewConnection("c"), Secret("pw")));
  Must(transaction->Commit());
}

TEST_CASE("more open transactions than a process may have") {
  const Catalog catalog;
  std::vector<std::unique_ptr<Transaction>> open;
  Result<std::unique_ptr<Transaction>> last = catalog.Read();
  while (last.ok() && open.size() < 1000) {
    open.push_back(std::move(last).value());
    last = catalog.store->Begin(Access::kRead, Soon());
  }
  CHECK(open.size() == 256);
  const auto error = ErrorFrom(std::move(last));
  CHECK(error.code == ErrorCode::kLimitExceeded);
  CHECK(Has(error.message, "256"));
  open.pop_back();
  CHECK(Must(catalog.store->Begin(Access::kRead, Soon())) != nullptr);
}

}  // namespace
}  // namespace berth::catalog
