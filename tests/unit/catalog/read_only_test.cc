#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/child.h"

// The superuser may write whatever the modes say, so the work is done as another user.
namespace berth::catalog {
namespace {

constexpr unsigned kNobody = 65534;

bool BecomeNobody() {
  return ::geteuid() != 0 ||
         (::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0);
}

// In the child: reads what is there, and is refused the write lock.
int ReadsAndCannotWrite(const std::string& path, const std::string& name) {
  auto store = Store::Open(OptionsFor(path));
  if (!store.ok()) return Complain("open: " + store.error().message);
  {
    auto read = store.value()->Begin(Access::kRead, Soon());
    if (!read.ok()) return Complain("read: " + read.error().message);
    auto found = read.value()->FindConnection(name);
    if (!found.ok()) return Complain("find: " + found.error().message);
    if (!found.value()) return Complain("the connection is not seen");
  }
  auto version = store.value()->DataVersion();
  if (!version.ok()) return Complain("data version: " + version.error().message);
  auto write = store.value()->Begin(Access::kWrite, Soon());
  if (write.ok()) return Complain("a write was let through");
  if (write.error().code != ErrorCode::kCatalogReadOnly) return Complain("write: " + write.error().message);
  if (!Has(write.error().message, path) || !Has(write.error().hint, "chmod"))
    return Complain("which file, and what to do?");
  return 0;
}

struct Modes {
  test::TempDir folder;
  std::string path = folder / "sub/catalog.db";
  Modes() {
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    const auto store = Must(Store::Open(OptionsFor(path)));
    auto transaction = Must(store->Begin(Access::kWrite, Soon()));
    auto env = NewConnection("c1");
    env.password_kind = PasswordKind::kEnv;
    env.password_reference = "V";
    Must(transaction->InsertConnection(env, Secret()));
    Must(transaction->Commit());
  }
  void Set(unsigned folder_mode, unsigned file_mode) const {
    for (const auto* suffix : {"", "-wal", "-shm"}) {
      if (std::filesystem::exists(path + suffix)) REQUIRE(::chmod((path + suffix).c_str(), file_mode) == 0);
    }
    REQUIRE(::chmod((folder / "sub").c_str(), folder_mode) == 0);
  }
  ~Modes() { Set(0700, 0600); }
};

TEST_CASE("a catalog whose file cannot be written can be read") {
  const Modes modes;
  unsigned folder_mode = 0;
  unsigned file_mode = 0;
  SUBCASE("nor its folder") {
    folder_mode = 0555, file_mode = 0444;
  }
  SUBCASE("but its folder can") {
    folder_mode = 0777, file_mode = 0444;
  }
  SUBCASE("because its folder cannot") {
    folder_mode = 0555, file_mode = 0666;
  }
  modes.Set(folder_mode, file_mode);
  Child reader(
      [&] { return BecomeNobody() ? ReadsAndCannotWrite(modes.path, "c1") : Complain("cannot become nobody"); });
  CHECK(reader.Wait() == 0);
}

TEST_CASE("while its owner has it open, the newest commit is read") {
  const Modes modes;
  Pipe go;
  Child reader([&] {
    go.CloseWriter();
    if (!go.Receive()) return Complain("the owner is gone");
    return BecomeNobody() ? ReadsAndCannotWrite(modes.path, "c2") : Complain("cannot become nobody");
  });
  const auto store = Must(Store::Open(OptionsFor(modes.path)));
  auto transaction = Must(store->Begin(Access::kWrite, Soon()));
  auto env = NewConnection("c2");
  env.password_kind = PasswordKind::kEnv;
  env.password_reference = "V";
  Must(transaction->InsertConnection(env, Secret()));
  Must(transaction->Commit());
  modes.Set(0555, 0444);
  REQUIRE(go.Send());
  CHECK(reader.Wait() == 0);
}

TEST_CASE("no catalog, and a folder where none can be made") {
  const Modes modes;
  modes.Set(0555, 0444);
  const std::string path = modes.folder / "sub/new.db";
  Child opener([&] {
    if (!BecomeNobody()) return Complain("cannot become nobody");
    const auto store = Store::Open(OptionsFor(path));
    if (store.ok()) return Complain("opened");
    if (store.error().code != ErrorCode::kCatalogUnavailable) return Complain(store.error().message);
    return Has(store.error().message, path) && Has(store.error().message, "Permission denied")
               ? 0
               : Complain("which, why?");
  });
  CHECK(opener.Wait() == 0);
}

TEST_CASE("a catalog that may not be read") {
  const Modes modes;
  modes.Set(0755, 0000);
  Child opener([&] {
    if (!BecomeNobody()) return Complain("cannot become nobody");
    const auto store = Store::Open(OptionsFor(modes.path));
    if (store.ok()) return Complain("opened");
    if (store.error().code != ErrorCode::kCatalogUnavailable) return Complain(store.error().message);
    return Has(store.error().message, "Permission denied") ? 0 : Complain(store.error().message);
  });
  CHECK(opener.Wait() == 0);
}

}  // namespace
}  // namespace berth::catalog
