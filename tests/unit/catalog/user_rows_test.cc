#include <vector>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

struct Users : Catalog {
  ServiceUser Make(const std::string& name, bool admin = false) const {
    auto transaction = Write();
    auto made = Must(transaction->InsertServiceUser({.name = name, .admin = admin, .comment = "why"}));
    Must(transaction->Commit());
    return made;
  }
  void Key(const std::string& id, const ServiceUser& user, const std::string& secret) const {
    auto transaction = Write();
    Must(transaction->InsertAccessKey({.id = id, .user_id = user.id}, Secret(secret)));
    Must(transaction->Commit());
  }
  std::string SecretOf(const std::string& id) const {
    const auto transaction = Read();
    const auto key = Must(transaction->FindAccessKey(id));
    REQUIRE(key);
    return std::string(Must(transaction->OpenAccessKey(*key)).Reveal());
  }
};

TEST_CASE("service users: made, changed, found by their exact names, and gone with keys and grants") {
  const Users catalog;
  const auto etl = catalog.Make("etl", true);
  CHECK(etl.admin);
  CHECK(etl.comment == "why");
  CHECK(etl.stamp.created_by == "u@h test");
  const auto connection = catalog.Add("c");
  catalog.Key("K1", etl, "s1");
  auto transaction = catalog.Write();
  CHECK(ErrorFrom(transaction->InsertServiceUser({.name = "ETL"})).code == ErrorCode::kAlreadyExists);
  Must(transaction->PutGrant({.connection_id = connection.id, .user_id = etl.id, .max_active = 5}));
  Must(transaction->PutGrant({.connection_id = connection.id, .user_id = etl.id, .max_concurrent = 2}));
  const auto grants = Must(transaction->ListGrants());
  REQUIRE(grants.size() == 1);
  CHECK(grants[0].connection_name == "c");
  CHECK(grants[0].user_name == "etl");
  CHECK_FALSE(grants[0].max_active);
  CHECK(grants[0].max_concurrent == 2);
  Must(transaction->UpdateServiceUser({.id = etl.id, .name = "etl", .admin = false, .comment = ""}));
  CHECK_FALSE(Must(transaction->FindServiceUser("etl"))->admin);
  CHECK_FALSE(Must(transaction->FindServiceUser("ETL")));
  CHECK(Must(transaction->FindServiceUserLike("ETL")) == "etl");
  Must(transaction->DeleteServiceUser(etl.id));
  CHECK(Must(transaction->ListAccessKeys()).empty());
  CHECK(Must(transaction->ListGrants()).empty());
  CHECK(ErrorFrom(transaction->DeleteServiceUser(etl.id)).code == ErrorCode::kNotFound);
}

TEST_CASE("grants go with their connection, and stay through its renaming") {
  const Users catalog;
  const auto etl = catalog.Make("etl");
  auto connection = catalog.Add("c");
  auto transaction = catalog.Write();
  Must(transaction->PutGrant({.connection_id = connection.id, .user_id = etl.id}));
  connection.name = "d";
  connection = Must(transaction->UpdateConnection(connection, nullptr, false));
  CHECK(Must(transaction->ListGrants())[0].connection_name == "d");
  Must(transaction->DeleteConnection(connection.id));
  CHECK(Must(transaction->ListGrants()).empty());
  CHECK_FALSE(Must(transaction->DeleteGrant(connection.id, etl.id)));
}

TEST_CASE("a secret opens for its own key and user alone") {
  const Users catalog;
  const auto ann = catalog.Make("ann");
  const auto bob = catalog.Make("bob", true);
  catalog.Key("K1", ann, "secret of ann");
  catalog.Key("K2", bob, "secret of bob");
  CHECK(catalog.SecretOf("K1") == "secret of ann");
  CHECK(RawSql(catalog.path, "SELECT count(*) FROM access_keys WHERE instr(secret_sealed, 'secret') > 0") == "0");
  const auto corrupt = [&](const std::string& id) {
    const auto transaction = catalog.Read();
    return ErrorFrom(transaction->OpenAccessKey(*Must(transaction->FindAccessKey(id)))).code;
  };
  RawSql(catalog.path, "UPDATE access_keys SET user_id = " + std::to_string(bob.id) + " WHERE id = 'K1'");
  CHECK(corrupt("K1") == ErrorCode::kCatalogCorrupt);  // ann's key does not become an administrator's
  RawSql(catalog.path,
         "UPDATE access_keys SET secret_sealed = (SELECT secret_sealed FROM access_keys WHERE id = 'K1')"
         " WHERE id = 'K2'");
  CHECK(corrupt("K2") == ErrorCode::kCatalogCorrupt);
  const auto report = Must(catalog.store->Check(Soon()));
  CHECK(report.passwords == 2);
  REQUIRE(report.findings.size() == 2);
  CHECK(Has(report.findings[0].what, "the secret of access key K1 does not open: its row was edited past Berth"));
}

TEST_CASE("a new key seals the secrets of access keys again, and none is made where one is sealed") {
  const Users catalog;
  const auto etl = catalog.Make("etl");
  catalog.Key("K1", etl, "s1");
  const auto report = Must(catalog.store->ChangeKey(Soon()));
  CHECK(report.passwords == 1);
  CHECK(RawSql(catalog.path, "SELECT CAST(substr(secret_sealed, 2, 8) AS TEXT) FROM access_keys") == report.key);
  CHECK(catalog.SecretOf("K1") == "s1");
  CHECK(Must(catalog.store->Keys()).size() == 2);
  REQUIRE(std::remove((catalog.path + ".key").c_str()) == 0);
  auto transaction = catalog.Write();
  const auto error = ErrorFrom(transaction->InsertConnection(NewConnection("c"), Secret("pw")));
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, "the secret of access key K1 is sealed with key " + report.key));
}

TEST_CASE("keys are listed by user and age; their ends and uses are kept") {
  const Users catalog;
  const auto etl = catalog.Make("etl");
  const Clock::Wall end(std::chrono::seconds(1'900'000'000));
  auto transaction = catalog.Write();
  Must(transaction->InsertAccessKey({.id = "K1", .user_id = etl.id, .expires_at = end}, Secret("s")));
  Must(transaction->NoteKeyUse("K1", end));
  Must(transaction->NoteKeyUse("gone", end));
  Must(transaction->EnableAccessKey("K1", false));
  const auto keys = Must(transaction->ListAccessKeys());
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].expires_at == end);
  CHECK(keys[0].last_used_at == "2030-03-17T17:46:40.000Z");
  CHECK_FALSE(keys[0].Live(end - std::chrono::seconds(1)));
  Must(transaction->EnableAccessKey("K1", true));
  CHECK(Must(transaction->FindAccessKey("K1"))->Live(end - std::chrono::seconds(1)));
  CHECK_FALSE(Must(transaction->FindAccessKey("K1"))->Live(end));
  Must(transaction->DeleteAccessKey("K1"));
  CHECK_FALSE(Must(transaction->FindAccessKey("K1")));
  CHECK(ErrorFrom(transaction->EnableAccessKey("K1", true)).code == ErrorCode::kNotFound);
}

}  // namespace
}  // namespace berth::catalog
