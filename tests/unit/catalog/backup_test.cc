#include "catalog/backup.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

namespace fs = std::filesystem;

std::string PasswordIn(Store& store, const std::string& name) {
  const auto transaction = Must(store.Begin(Access::kRead, Soon()));
  const auto found = Must(transaction->FindConnection(name));
  REQUIRE(found);
  return std::string(Must(transaction->OpenPassword(*found)).Reveal());
}

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

void Append(const std::string& path) {
  std::ofstream(path, std::ios::app | std::ios::binary) << "x";
}

TEST_CASE("a backup is taken while a writer is at work, and restores elsewhere with its key") {
  const Catalog catalog;
  catalog.Add("c", "pw-c");
  const auto uncommitted = catalog.Write();
  Must(uncommitted->InsertConnection(NewConnection("later"), Secret("x")));
  const auto backup = catalog.folder / "backup";
  const auto report = Must(catalog.store->BackUp(backup, true));
  CHECK(report.connections == 1);
  CHECK(report.bytes > 0);
  CHECK(report.with_key);
  CHECK(ModeOf(backup) == 0700);
  for (const auto* const name : {"/catalog.db", "/catalog.db.key", "/backup.txt"}) CHECK(ModeOf(backup + name) == 0600);
  CHECK(IsIntact(backup + "/catalog.db"));

  const auto other = catalog.folder / "other/machine/catalog.db";
  const auto restored = Must(Restore(OptionsFor(other), backup));
  CHECK(restored.catalog == "sqlite:" + other);
  CHECK(restored.made_by == "u@h test");
  CHECK(restored.key == report.key);
  CHECK(restored.key_there);
  const auto store = Must(Store::Open(OptionsFor(other)));
  CHECK(PasswordIn(*store, "c") == "pw-c");
  const auto writing = Must(store->Begin(Access::kWrite, Soon()));
  CHECK(Must(writing->InsertConnection(NewConnection("d"), Secret("pw-d"))).id > 1);
  CHECK_FALSE(Must(writing->FindConnection("later")));
}

TEST_CASE("without its key a backup holds all but the passwords, and says which key it needs") {
  const Catalog catalog;
  catalog.Add("c");
  const auto backup = catalog.folder / "backup";
  const auto report = Must(catalog.store->BackUp(backup, false));
  CHECK_FALSE(fs::exists(backup + "/catalog.db.key"));
  const auto other = catalog.folder / "other.db";
  const auto restored = Must(Restore(OptionsFor(other), backup));
  CHECK_FALSE(restored.key_there);
  CHECK(restored.key == report.key);
  const auto store = Must(Store::Open(OptionsFor(other)));
  {
    const auto reading = Must(store->Begin(Access::kRead, Soon()));
    const auto found = Must(reading->FindConnection("c"));
    CHECK(Has(ErrorFrom(reading->OpenPassword(*found)).message, report.key));
  }
  fs::copy_file(catalog.path + ".key", other + ".key");
  CHECK(PasswordIn(*store, "c") == "pw");
}

TEST_CASE("a backup goes into a folder of its own, and nothing is left of one that failed") {
  const Catalog catalog;
  catalog.Add("c");
  CHECK(ErrorFrom(catalog.store->BackUp(catalog.folder.path().string(), false)).code == ErrorCode::kAlreadyExists);
  CHECK(fs::exists(catalog.path));
  fs::remove(catalog.path + ".key");
  const auto backup = catalog.folder / "backup";
  CHECK(ErrorFrom(catalog.store->BackUp(backup, true)).code == ErrorCode::kFailedPrecondition);
  CHECK_FALSE(fs::exists(backup));
  fs::create_directory(backup);
  Must(catalog.store->BackUp(backup, false));
}

TEST_CASE("restore refuses what it should") {
  const Catalog catalog;
  catalog.Add("c");
  const auto backup = catalog.folder / "backup";
  Must(catalog.store->BackUp(backup, true));
  const auto there = ErrorFrom(Restore(OptionsFor(catalog.path), backup));
  CHECK(there.code == ErrorCode::kAlreadyExists);
  CHECK_FALSE(there.hint.empty());

  const auto other = catalog.folder / "other.db";
  Append(other + "-wal");  // a log that is left would be read into the restored catalog
  CHECK(ErrorFrom(Restore(OptionsFor(other), backup)).code == ErrorCode::kAlreadyExists);
  fs::remove(other + "-wal");

  const Catalog stranger;
  stranger.Add("s");
  fs::copy_file(stranger.path + ".key", other + ".key");
  CHECK(Has(ErrorFrom(Restore(OptionsFor(other), backup)).message, "is not that of the backup"));
  CHECK_FALSE(fs::exists(other));
  fs::remove(other + ".key");

  CHECK(ErrorFrom(Restore(OptionsFor(other), catalog.folder / "nowhere")).code == ErrorCode::kNotFound);
  Append(backup + "/catalog.db");
  const auto changed = ErrorFrom(Restore(OptionsFor(other), backup));
  CHECK(changed.code == ErrorCode::kCatalogCorrupt);
  CHECK_FALSE(fs::exists(other));
}

TEST_CASE("a backup that was cut off is none") {
  const Catalog catalog;
  catalog.Add("c");
  const auto backup = catalog.folder / "backup";
  Must(catalog.store->BackUp(backup, true));
  fs::remove(backup + "/backup.txt");
  CHECK(ErrorFrom(Restore(OptionsFor(catalog.folder / "other.db"), backup)).code == ErrorCode::kNotFound);
}

}  // namespace
}  // namespace berth::catalog
