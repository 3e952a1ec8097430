#include <string>

#include <doctest/doctest.h>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

// Secrets, and the second passwords of connections.
namespace berth::catalog {
namespace {

StoredSecret Add(const Catalog& catalog, const std::string& name, const std::string& value) {
  const auto transaction = catalog.Write();
  auto added = Must(transaction->InsertSecret({.name = name, .reference = {}, .stamp = {}}, Secret(value)));
  Must(transaction->Commit());
  return added;
}

std::string ValueOf(const Catalog& catalog, std::int64_t id) {
  return std::string(Must(catalog.Read()->OpenSecret(id)).Reveal());
}

Connection Using(const Catalog& catalog, const std::string& name, const StoredSecret& secret) {
  auto wanted = NewConnection(name);
  wanted.password_kind = PasswordKind::kSecret;
  wanted.secret = SecretPlace{.id = secret.id, .name = {}, .reference = {}};
  const auto transaction = catalog.Write();
  auto added = Must(transaction->InsertConnection(wanted, Secret()));
  Must(transaction->Commit());
  return added;
}

Connection Find(const Catalog& catalog, const std::string& name) {
  const auto found = Must(catalog.Read()->FindConnection(name));
  REQUIRE(found);
  return *found;
}

TEST_CASE("a secret opens again, for its own row alone") {
  const Catalog catalog;
  const auto one = Add(catalog, "one", "value-1");
  const auto two = Add(catalog, "two", "value-2");
  CHECK(ValueOf(catalog, one.id) == "value-1");
  RawSql(catalog.path,
         "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'two') WHERE name = 'one'");
  const auto refused = ErrorFrom(catalog.Read()->OpenSecret(one.id));
  CHECK(refused.code == ErrorCode::kCatalogCorrupt);
  CHECK(Has(refused.message, "value of secret one"));
  CHECK(ValueOf(catalog, two.id) == "value-2");
}

TEST_CASE("a change of a secret is a change of the login of those that use it") {
  const Catalog catalog;
  auto secret = Add(catalog, "s", "value-1");
  const auto before = Using(catalog, "c", secret);
  REQUIRE(before.secret);
  CHECK(before.password_kind == PasswordKind::kSecret);
  CHECK(before.secret->name == "s");
  const auto other = catalog.Add("other");
  {
    const auto transaction = catalog.Write();
    const Secret fresh("value-2");
    const auto updated = Must(transaction->UpdateSecret(secret, &fresh));
    CHECK(updated.version == 2);
    Must(transaction->Commit());
  }
  const auto after = Find(catalog, "c");
  CHECK(after.login_version == before.login_version + 1);
  CHECK(after.version == before.version + 1);
  CHECK(Find(catalog, "other").version == other.version);
  CHECK(ValueOf(catalog, secret.id) == "value-2");
  const auto transaction = catalog.Write();
  CHECK(ErrorFrom(transaction->DeleteSecret(secret.id)).code == ErrorCode::kDependentsExist);
}

TEST_CASE("an older program that gives a connection another password lets go of its secret") {
  const Catalog catalog;
  const auto secret = Add(catalog, "s", "value-1");
  Using(catalog, "c", secret);
  RawSql(catalog.path, "UPDATE connections SET password_kind = 'env', password_reference = 'V' WHERE name = 'c'");
  CHECK(Find(catalog, "c").password_kind == PasswordKind::kEnv);
  CHECK_FALSE(Find(catalog, "c").secret);
  const auto transaction = catalog.Write();
  CHECK(Must(transaction->ConnectionsWithSecret(secret.id)).empty());
  Must(transaction->DeleteSecret(secret.id));
}

TEST_CASE("a new key, a backup's facts and the check know secrets and second passwords") {
  const Catalog catalog;
  const auto secret = Add(catalog, "s", "value-1");
  const auto connection = catalog.Add("c", "pw-1");
  {
    const auto transaction = catalog.Write();
    const NextPassword next;
    Must(transaction->SetNextPassword(connection.id, &next, Secret("pw-2")));
    Must(transaction->Commit());
  }
  const auto report = Must(catalog.store->ChangeKey(Soon()));
  CHECK(report.passwords == 3);
  CHECK(ValueOf(catalog, secret.id) == "value-1");
  CHECK(Must(catalog.Read()->OpenNextPassword(Find(catalog, "c"))).Reveal() == "pw-2");
  const auto check = Must(catalog.store->Check(Soon()));
  CHECK(check.passwords == 3);
  CHECK(check.findings.empty());
  RawSql(catalog.path, "UPDATE connections SET password_next_sealed = CAST(password_next_sealed || 'x' AS BLOB)");
  const auto found = Must(catalog.store->Check(Soon()));
  REQUIRE(found.findings.size() == 1);
  CHECK(Has(found.findings.front().what, "PASSWORD_NEXT of connection c does not open"));
}

TEST_CASE("the second password becomes the first, if it still is the one") {
  const Catalog catalog;
  const auto connection = catalog.Add("c", "pw-1");
  const auto set = [&](const std::string& value) {
    const auto transaction = catalog.Write();
    const NextPassword next;
    Must(transaction->SetNextPassword(connection.id, &next, Secret(value)));
    Must(transaction->Commit());
    return Find(catalog, "c").next->version;
  };
  const auto first = set("pw-2");
  const auto second = set("pw-3");
  CHECK(first < second);
  const auto transaction = catalog.Write();
  CHECK_FALSE(Must(transaction->PromoteNextPassword(connection.id, first)));
  CHECK(Must(transaction->PromoteNextPassword(connection.id, second)));
  CHECK_FALSE(Must(transaction->PromoteNextPassword(connection.id, second)));
  Must(transaction->Commit());
  const auto after = Find(catalog, "c");
  CHECK_FALSE(after.next);
  CHECK(after.login_version == connection.login_version + 1);
  CHECK(Must(catalog.Read()->OpenPassword(after)).Reveal() == "pw-3");
}

}  // namespace
}  // namespace berth::catalog
