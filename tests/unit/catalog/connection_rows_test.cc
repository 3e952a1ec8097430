#include "unit/catalog/catalog_fixture.h"

namespace berth::catalog {
namespace {

TEST_CASE("a connection comes back as it was stored") {
  const Catalog catalog;
  auto given = NewConnection("c1");
  given.max_concurrent_connections = 7;
  given.comment = "it's \"x\"\n\xC3\xA9";
  auto transaction = catalog.Write();
  const auto stored = Must(transaction->InsertConnection(given, Secret("pw")));
  CHECK(stored.id == 1);
  CHECK(stored.version == 1);
  CHECK(stored.login_version == 1);
  CHECK(stored.stamp.created_by == "u@h test");
  CHECK(stored.stamp.created_at.size() == 24);
  CHECK(stored.stamp.created_at.back() == 'Z');
  CHECK(stored.stamp.modified_at == stored.stamp.created_at);
  Must(transaction->Commit());

  const auto found = Must(catalog.Read()->FindConnection("c1"));
  REQUIRE(found);
  CHECK(found->connection_string == given.connection_string);
  CHECK(found->host == "host.example");
  CHECK(found->port == 5439);
  CHECK(found->database == "dev");
  CHECK(found->user_name == "loader");
  CHECK(found->password_kind == PasswordKind::kLiteral);
  CHECK(found->max_concurrent_connections == 7);
  CHECK(found->comment == given.comment);
  CHECK(Must(catalog.Read()->FindConnectionById(1))->name == "c1");
  CHECK_FALSE(Must(catalog.Read()->FindConnection("c2")));
  CHECK_FALSE(Must(catalog.Read()->FindConnectionById(2)));
}

TEST_CASE("what is not committed is not there") {
  const Catalog catalog;
  {
    auto transaction = catalog.Write();
    Must(transaction->InsertConnection(NewConnection("c1"), Secret("pw")));
    CHECK(Must(transaction->FindConnection("c1")));
    CHECK_FALSE(Must(catalog.Read()->FindConnection("c1")));
  }
  CHECK_FALSE(Must(catalog.Read()->FindConnection("c1")));
}

TEST_CASE("references to passwords are kept, and no password") {
  const Catalog catalog;
  auto transaction = catalog.Write();
  auto env = NewConnection("by_env");
  env.password_kind = PasswordKind::kEnv;
  env.password_reference = "RS_PASSWORD";
  const auto stored = Must(transaction->InsertConnection(env, Secret()));
  CHECK(stored.password_kind == PasswordKind::kEnv);
  CHECK(stored.password_reference == "RS_PASSWORD");
  CHECK_FALSE(stored.max_concurrent_connections);
  CHECK(ErrorFrom(transaction->OpenPassword(stored)).code == ErrorCode::kFailedPrecondition);
  auto file = NewConnection("by_file");
  file.password_kind = PasswordKind::kFile;
  file.password_reference = "/run/secrets/rs";
  CHECK(Must(transaction->InsertConnection(file, Secret())).password_kind == PasswordKind::kFile);
}

TEST_CASE("names that differ only in case are refused, with the name that is there") {
  const Catalog catalog;
  catalog.Add("Sales");
  auto transaction = catalog.Write();
  const auto error = ErrorFrom(transaction->InsertConnection(NewConnection("sAles"), Secret("pw")));
  CHECK(error.code == ErrorCode::kAlreadyExists);
  CHECK(Has(error.message, "\"Sales\""));
  CHECK(Has(error.message, "only in case"));
  const auto same = ErrorFrom(transaction->InsertConnection(NewConnection("Sales"), Secret("pw")));
  CHECK(same.code == ErrorCode::kAlreadyExists);
  CHECK_FALSE(Has(same.message, "case"));
  CHECK(Must(transaction->FindConnectionLike("SALES")) == "Sales");
  CHECK_FALSE(Must(transaction->FindConnectionLike("sale")));
  CHECK_FALSE(Must(transaction->FindConnection("sales")));  // look-ups are exact
  // Letters beyond ASCII do not fold, in names as in statements.
  Must(transaction->InsertConnection(NewConnection("\xC3\xA9"), Secret("pw")));
  Must(transaction->InsertConnection(NewConnection("\xC3\x89"), Secret("pw")));
}

TEST_CASE("an update writes every column and counts its versions") {
  const Catalog catalog;
  auto connection = catalog.Add("c1", "first");
  auto transaction = catalog.Write();
  connection.name = "C1";  // renaming to another case of itself is no clash
  connection.comment = "new";
  connection = Must(transaction->UpdateConnection(connection, nullptr, false));
  CHECK(connection.version == 2);
  CHECK(connection.login_version == 1);
  CHECK(connection.name == "C1");
  CHECK(Must(transaction->OpenPassword(connection)).Reveal() == "first");

  connection.host = "other.example";
  connection.connection_string = "jdbc:redshift://other.example:5439/dev";
  connection.user_name = "u2";
  connection = Must(transaction->UpdateConnection(connection, nullptr, true));
  CHECK(connection.version == 3);
  CHECK(connection.login_version == 2);
  CHECK(Must(transaction->OpenPassword(connection)).Reveal() == "first");

  const Secret second("second");
  connection = Must(transaction->UpdateConnection(connection, &second, true));
  CHECK(Must(transaction->OpenPassword(connection)).Reveal() == "second");

  connection.password_kind = PasswordKind::kEnv;
  connection.password_reference = "V";
  connection = Must(transaction->UpdateConnection(connection, nullptr, true));
  CHECK(connection.password_reference == "V");
  connection.password_kind = PasswordKind::kLiteral;
  CHECK(ErrorFrom(transaction->UpdateConnection(connection, nullptr, true)).code == ErrorCode::kFailedPrecondition);
  connection = Must(transaction->UpdateConnection(connection, &second, true));
  CHECK(connection.password_reference.empty());
  Must(transaction->Commit());
}

TEST_CASE("an update of a row that is not there, and a rename to a taken name") {
  const Catalog catalog;
  catalog.Add("a");
  auto b = catalog.Add("b");
  auto transaction = catalog.Write();
  b.name = "A";
  CHECK(ErrorFrom(transaction->UpdateConnection(b, nullptr, false)).code == ErrorCode::kAlreadyExists);
  b.id = 99;
  b.name = "z";
  CHECK(ErrorFrom(transaction->UpdateConnection(b, nullptr, false)).code == ErrorCode::kNotFound);
  CHECK(ErrorFrom(transaction->DeleteConnection(99)).code == ErrorCode::kNotFound);
}

TEST_CASE("an id is never used again") {
  const Catalog catalog;
  const auto first = catalog.Add("c1");
  auto transaction = catalog.Write();
  Must(transaction->DeleteConnection(first.id));
  Must(transaction->Commit());
  CHECK(catalog.Add("c1").id == first.id + 1);
}

TEST_CASE("connections are listed by name") {
  const Catalog catalog;
  for (const auto* name : {"b", "a", "C"}) catalog.Add(name);
  std::string names;
  for (const auto& connection : Must(catalog.Read()->ListConnections())) names += connection.name + " ";
  CHECK(names == "C a b ");
}

TEST_CASE("a row that no statement could have meant is refused by the file itself") {
  const Catalog catalog;
  auto transaction = catalog.Write();
  auto bad = NewConnection("c");
  bad.port = 0;
  CHECK(ErrorFrom(transaction->InsertConnection(bad, Secret("pw"))).code == ErrorCode::kInternal);
  CHECK(ErrorFrom(transaction->InsertConnection(NewConnection(""), Secret("pw"))).code == ErrorCode::kInternal);
  CHECK(ErrorFrom(transaction->InsertConnection(NewConnection(std::string(128, 'n')), Secret("pw"))).code ==
        ErrorCode::kInternal);
  Must(transaction->InsertConnection(NewConnection(std::string(127, 'n')), Secret("pw")));
}

TEST_CASE("a transaction that was committed is over") {
  const Catalog catalog;
  auto transaction = catalog.Write();
  Must(transaction->Commit());
  CHECK(ErrorFrom(transaction->FindConnection("c")).code == ErrorCode::kFailedTransaction);
  CHECK(ErrorFrom(transaction->Commit()).code == ErrorCode::kFailedTransaction);
}

}  // namespace
}  // namespace berth::catalog
