#include "catalog/rekey.h"

#include <sys/stat.h>

#include <filesystem>
#include <vector>

#include "base/crypto.h"
#include "catalog/key_file.h"
#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

namespace fs = std::filesystem;

std::string PasswordOf(const Catalog& catalog, const std::string& name) {
  const auto transaction = catalog.Read();
  const auto found = Must(transaction->FindConnection(name));
  REQUIRE(found);
  return std::string(Must(transaction->OpenPassword(*found)).Reveal());
}

// The fingerprint of the key that the row is sealed with.
std::string KeyOf(const Catalog& catalog, const std::string& name) {
  return RawSql(catalog.path,
                "SELECT CAST(substr(password_sealed, 2, 8) AS TEXT) FROM connections WHERE name = '" + name + "'");
}

TEST_CASE("a new key seals everything; the old one stays behind it") {
  const Catalog catalog;
  catalog.Add("c", "pw-c");
  catalog.Add("d", "pw-d");
  const auto old = KeyOf(catalog, "c");
  const auto report = Must(catalog.store->ChangeKey(Soon()));
  CHECK(report.passwords == 2);
  CHECK_FALSE(report.resumed);
  CHECK(report.key != old);
  CHECK(KeyOf(catalog, "c") == report.key);
  CHECK(KeyOf(catalog, "d") == report.key);
  CHECK(PasswordOf(catalog, "c") == "pw-c");
  CHECK(PasswordOf(catalog, "d") == "pw-d");
  catalog.Add("e", "pw-e");
  CHECK(KeyOf(catalog, "e") == report.key);
  const auto keys = Must(ReadKeys(catalog.path + ".key"));
  REQUIRE(keys.size() == 2);
  CHECK(FindKey(keys, old) == &keys[1]);
  CHECK(Must(catalog.store->Key()).Reveal() == keys[0].Reveal());
}

TEST_CASE("the key file keeps its mode and the last few keys") {
  const Catalog catalog;
  catalog.Add("c");
  REQUIRE(::chmod((catalog.path + ".key").c_str(), 0640) == 0);
  for (std::size_t i = 0; i < kKeysMax + 2; ++i) Must(catalog.store->ChangeKey(Soon()));
  CHECK(Must(ReadKeys(catalog.path + ".key")).size() == kKeysMax);
  struct stat facts{};
  REQUIRE(::stat((catalog.path + ".key").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777U) == 0640);
  CHECK(PasswordOf(catalog, "c") == "pw");
}

TEST_CASE("cut off between the key file and the rows: all is readable, and the next call completes it") {
  const Catalog catalog;
  catalog.Add("c", "pw-c");
  const auto old = KeyOf(catalog, "c");
  auto keys = Must(ReadKeys(catalog.path + ".key"));
  keys.insert(keys.begin(), base::RandomKey());  // what the file says when the process dies before its commit
  Must(ReplaceKeys(catalog.path + ".key", keys));
  CHECK(PasswordOf(catalog, "c") == "pw-c");
  catalog.Add("d", "pw-d");
  CHECK(KeyOf(catalog, "d") == old);
  const auto report = Must(catalog.store->ChangeKey(Soon()));
  CHECK(report.resumed);
  CHECK(report.key == base::KeyFingerprint(keys[0].Reveal()));
  CHECK(KeyOf(catalog, "c") == report.key);
  CHECK(PasswordOf(catalog, "c") == "pw-c");
  CHECK(PasswordOf(catalog, "d") == "pw-d");
  CHECK(Must(ReadKeys(catalog.path + ".key")).size() == 2);
}

TEST_CASE("a password that does not open stops the change, and nothing is different") {
  const Catalog catalog;
  catalog.Add("c");
  catalog.Add("d");
  const auto old = KeyOf(catalog, "c");
  RawSql(catalog.path, "UPDATE connections SET user_name = 'mallory' WHERE name = 'd'");
  const auto error = ErrorFrom(catalog.store->ChangeKey(Soon()));
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, "connection d"));
  CHECK(KeyOf(catalog, "c") == old);
  CHECK(Must(ReadKeys(catalog.path + ".key")).size() == 1);
  fs::remove(catalog.path + ".key");
  CHECK(ErrorFrom(catalog.store->ChangeKey(Soon())).code == ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace berth::catalog
