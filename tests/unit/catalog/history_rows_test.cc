#include <sys/stat.h>

#include <string>

#include <doctest/doctest.h>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

std::string Changes(const Catalog& catalog) {
  return RawSql(catalog.path,
                "SELECT group_concat(action || ' ' || object_type || ' ' || object_name || ' ' || options, '; ') FROM "
                "(SELECT * FROM change_history ORDER BY id)");
}

TEST_CASE("every kind of object has its changes in the history, what is undone has none") {
  const Catalog catalog;
  {
    const auto transaction = catalog.Write();
    transaction->Describe("the words", "an analyst");
    auto connection = Must(transaction->InsertConnection(NewConnection("c"), Secret("pw")));
    const auto table = Must(transaction->InsertTable(
        {.connection_id = connection.id, .schema = "s", .name = "t", .state = TableState::kCreating}));
    Must(transaction->UpdateTableState(table.id, TableState::kRecorded));
    Job job;
    job.name = "j";
    job.connection_id = connection.id;
    job = Must(transaction->InsertJob(job));
    connection.comment = "x";
    connection.max_concurrent_connections = 3;
    connection = Must(transaction->UpdateConnection(connection, nullptr, false));
    Must(transaction->DeleteJob(job.id));
    Must(transaction->DeleteTable(table.id));
    Must(transaction->DeleteConnection(connection.id));
    Must(transaction->Commit());
  }
  {
    const auto transaction = catalog.Write();
    Must(transaction->InsertGroup({.name = "undone", .max_concurrent_connections = 1, .comment = {}, .stamp = {}}));
  }
  CHECK(
      Changes(catalog) ==
      "create connection c ; create table s.t ; create job j ; alter connection c MAX_CONCURRENT_CONNECTIONS, COMMENT; "
      "drop job j ; drop table s.t ; drop connection c ");
  const auto history = Must(catalog.Read()->HistoryOf("c", 100));
  REQUIRE(history.size() == 7);
  CHECK(history[0].statement == "the words");
  CHECK(history[0].service_user == "an analyst");
  CHECK(history[0].changed_by == "u@h test");
  CHECK(Must(catalog.Read()->HistoryOf("c", 2)).size() == 2);
  CHECK(Must(catalog.Read()->HistoryOf("C", 2)).empty());
}

TEST_CASE("an intent that comes to nothing is no change") {
  const Catalog catalog;
  const auto connection = catalog.Add("c");
  const auto transaction = catalog.Write();
  const auto table = Must(transaction->InsertTable(
      {.connection_id = connection.id, .schema = "s", .name = "t", .state = TableState::kCreating}));
  Must(transaction->DeleteTable(table.id));
  Must(transaction->Commit());
  CHECK(Changes(catalog) == "create connection c ");
}

TEST_CASE("nobody edits the history") {
  const Catalog catalog;
  catalog.Add("c");
  CHECK(Has(RawSqlError(catalog.path, "UPDATE change_history SET statement = ''"), "never changed"));
  CHECK(Has(RawSqlError(catalog.path, "DELETE FROM change_history"), "never deleted"));
  CHECK(Changes(catalog) == "create connection c ");
}

TEST_CASE("a long statement is cut between characters") {
  const Catalog catalog;
  const auto transaction = catalog.Write();
  std::string words(kHistoryStatementBytesMax - 1, 'x');
  transaction->Describe(words + "\xC3\xA9", {});
  Must(transaction->InsertConnection(NewConnection("c"), Secret("pw")));
  CHECK(Must(transaction->ListHistory(1)).front().statement == words);
}

TEST_CASE("what is rehearsed is told and undone, and makes no key") {
  const Catalog catalog;
  const auto transaction = catalog.Write();
  Status refused;
  const auto changes = Must(transaction->Rehearse(
      [&]() -> Status {
        auto added = transaction->InsertConnection(NewConnection("c"), Secret("pw"));
        if (!added.ok()) return std::move(added).TakeError();
        CHECK(Must(transaction->OpenPassword(added.value())).Reveal() == "pw");
        return {};
      },
      refused));
  CHECK(refused.ok());
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].action == "create");
  CHECK(changes[0].object_name == "c");
  CHECK_FALSE(Must(transaction->FindConnection("c")));
  Must(transaction->Commit());
  CHECK(RawSql(catalog.path, "SELECT count(*) FROM change_history") == "0");
  struct stat facts{};
  CHECK(::stat((catalog.path + ".key").c_str(), &facts) != 0);
}

TEST_CASE("what is rehearsed and refused says why") {
  const Catalog catalog;
  catalog.Add("c");
  const auto transaction = catalog.Write();
  Status refused;
  const auto changes = Must(transaction->Rehearse(
      [&]() -> Status {
        auto added = transaction->InsertConnection(NewConnection("C"), Secret("pw"));
        return added.ok() ? Status() : Status(std::move(added).TakeError());
      },
      refused));
  CHECK(changes.empty());
  CHECK(ErrorFrom(std::move(refused)).code == ErrorCode::kAlreadyExists);
  CHECK(Must(transaction->FindConnection("c")));
}

}  // namespace
}  // namespace berth::catalog
