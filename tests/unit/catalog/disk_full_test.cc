#include <signal.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <filesystem>

#include <sqlite3.h>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/child.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

// A disk that has room for so many bytes more: SQLite's own file methods with another xWrite, which writes what still
// fits and then fails as a full disk does.
std::atomic<long long> room{LLONG_MAX};
sqlite3_vfs* real_vfs = nullptr;

struct SmallMethods {
  sqlite3_io_methods methods;  // first: a file's pMethods points here
  const sqlite3_io_methods* real = nullptr;
};
std::array<SmallMethods, 4> small_methods;  // the database and its log have different ones

int WriteWhatFits(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const auto* real = reinterpret_cast<const SmallMethods*>(file->pMethods)->real;
  const long long left = room.fetch_sub(count);
  if (left >= count) return real->xWrite(file, bytes, count, offset);
  if (left > 0) real->xWrite(file, bytes, static_cast<int>(left), offset);
  room = 0;
  return SQLITE_FULL;
}

int OpenSmall(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  const int rc = real_vfs->xOpen(real_vfs, name, file, flags, flags_out);
  if (rc != SQLITE_OK || file->pMethods == nullptr) return rc;
  for (auto& small : small_methods) {
    if (small.real == nullptr) {
      small.methods = *file->pMethods;
      small.methods.xWrite = WriteWhatFits;
      small.real = file->pMethods;
    }
    if (small.real != file->pMethods) continue;
    file->pMethods = &small.methods;
    return SQLITE_OK;
  }
  std::abort();  // SQLite has more kinds of files than this test knows
}

class SmallDisk {
 public:
  SmallDisk() {
    real_vfs = sqlite3_vfs_find(nullptr);
    vfs_ = *real_vfs;
    vfs_.zName = "small";
    vfs_.xOpen = OpenSmall;
    sqlite3_vfs_register(&vfs_, 1);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    room = LLONG_MAX;
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_vfs, 1);
  }

 private:
  sqlite3_vfs vfs_{};
};

Connection Large(const std::string& name) {
  auto connection = NewConnection(name);
  connection.comment = std::string(20'000, 'x');
  return connection;
}

Status Insert(Store& store, const std::string& name) {
  auto transaction = store.Begin(Access::kWrite, Soon());
  if (!transaction.ok()) return std::move(transaction).TakeError();
  auto inserted = transaction.value()->InsertConnection(Large(name), Secret("pw"));
  if (!inserted.ok()) return std::move(inserted).TakeError();
  return transaction.value()->Commit();
}

bool IsThere(Store& store, const std::string& name) {
  return Must(Must(store.Begin(Access::kRead, Soon()))->FindConnection(name)).has_value();
}

TEST_CASE("wherever the disk gets full, the statement fails, nothing is lost and the next one works") {
  const SmallDisk disk;
  const Catalog catalog;
  Must(Insert(*catalog.store, "before"));
  int failures = 0;
  bool whole = false;
  for (long long bytes = 0; !whole; bytes += 1500) {
    REQUIRE(bytes < 1'000'000);
    room = bytes;
    const Status status = Insert(*catalog.store, "during");
    room = LLONG_MAX;
    whole = status.ok();
    if (!whole) {
      ++failures;
      CHECK(status.error().code == ErrorCode::kDiskFull);
      CHECK(Has(status.error().message, catalog.path));
      CHECK(Has(status.error().hint, "room"));
    }
    CHECK(IsThere(*catalog.store, "before"));
    CHECK(IsThere(*catalog.store, "during") == whole);
    Must(Insert(*catalog.store, "after"));
    auto transaction = catalog.Write();
    Must(transaction->DeleteConnection(Must(transaction->FindConnection("after"))->id));
    Must(transaction->Commit());
  }
  CHECK(failures > 10);
  CHECK(IsIntact(catalog.path));
}

TEST_CASE("a transaction that met a full disk takes nothing more") {
  const SmallDisk disk;
  const Catalog catalog;
  auto transaction = catalog.Write();
  room = 0;
  // More than the cache of a handle holds (2 MB), so that SQLite writes, fails and rolls back before the commit.
  Status status;
  for (int i = 0; i < 300 && status.ok(); ++i) {
    auto inserted = transaction->InsertConnection(Large("c" + std::to_string(i)), Secret("pw"));
    if (!inserted.ok()) status = std::move(inserted).TakeError();
  }
  room = LLONG_MAX;
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == ErrorCode::kDiskFull);
  CHECK(ErrorFrom(transaction->InsertConnection(Large("late"), Secret("pw"))).code == ErrorCode::kFailedTransaction);
  CHECK(ErrorFrom(transaction->Commit()).code == ErrorCode::kFailedTransaction);
  transaction.reset();
  CHECK(Must(catalog.Read()->ListConnections()).empty());
  CHECK(IsIntact(catalog.path));
}

TEST_CASE("a backup that finds the disk full leaves nothing behind") {
  const SmallDisk disk;
  const Catalog catalog;
  Must(Insert(*catalog.store, "c"));
  const std::string folder = catalog.folder / "backup";
  int failures = 0;
  bool made = false;
  for (long long bytes = 0; !made; bytes += 8'000) {
    REQUIRE(bytes < 2'000'000);
    room = bytes;
    const auto report = catalog.store->BackUp(folder, true);
    room = LLONG_MAX;
    made = report.ok();
    if (made) continue;
    ++failures;
    CHECK(report.error().code == ErrorCode::kDiskFull);
    CHECK_FALSE(std::filesystem::exists(folder));
  }
  CHECK(failures > 3);
}

TEST_CASE("a change of the key that finds the disk full: every password opens, and the next one completes it") {
  const SmallDisk disk;
  const Catalog catalog;
  catalog.Add("c", "pw-c");
  const auto password = [&] {
    const auto transaction = catalog.Read();
    return std::string(Must(transaction->OpenPassword(*Must(transaction->FindConnection("c")))).Reveal());
  };
  room = 0;
  const auto failed = catalog.store->ChangeKey(Soon());
  room = LLONG_MAX;
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == ErrorCode::kDiskFull);
  CHECK(password() == "pw-c");
  CHECK(Must(catalog.store->ChangeKey(Soon())).resumed);
  CHECK(password() == "pw-c");
}

TEST_CASE("a catalog that could not be made for lack of room is made once there is some") {
  const SmallDisk disk;
  bool made = false;
  int failures = 0;
  for (long long bytes = 0; !made; bytes += 4000) {
    test::TempDir folder;
    const std::string path = folder / "catalog.db";
    room = bytes;
    const auto store = Store::Open(OptionsFor(path));
    room = LLONG_MAX;
    made = store.ok();
    if (made) break;
    ++failures;
    CHECK(store.error().code == ErrorCode::kDiskFull);
    const auto again = Must(Store::Open(OptionsFor(path)));
    Must(Insert(*again, "c"));
  }
  CHECK(failures > 5);
}

TEST_CASE("the limit on the size of files is a full disk as well") {
  test::TempDir folder;
  const std::string path = folder / "catalog.db";
  Pipe committed;
  Child writer([&] {
    ::signal(SIGXFSZ, SIG_IGN);  // as the program does
    auto store = Store::Open(OptionsFor(path));
    if (!store.ok()) return Complain(store.error().message);
    const struct rlimit limit{600'000, 600'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return Complain("setrlimit");
    for (int i = 0; i < 1000; ++i) {
      const Status status = Insert(*store.value(), "c" + std::to_string(i));
      if (status.ok()) {
        committed.Send();
        continue;
      }
      if (status.error().code != ErrorCode::kDiskFull) return Complain(status.error().message);
      if (!Has(status.error().hint, "ulimit")) return Complain(status.error().hint);
      return i < 3 ? Complain("full too soon") : 0;
    }
    return Complain("never full");
  });
  CHECK(writer.Wait() == 0);
  committed.CloseWriter();
  std::size_t count = 0;
  while (committed.Receive()) ++count;
  const auto store = Must(Store::Open(OptionsFor(path)));
  CHECK(Must(Must(store->Begin(Access::kRead, Soon()))->ListConnections()).size() == count);
  CHECK(IsIntact(path));
  Must(Insert(*store, "after"));
}

}  // namespace
}  // namespace berth::catalog
