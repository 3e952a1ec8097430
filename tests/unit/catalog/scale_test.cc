#include <sqlite3.h>

#include "unit/catalog/catalog_fixture.h"

namespace berth::catalog {
namespace {

// Counts the instructions of SQLite's machine: a look-up that scans a table takes more of them as the table grows, on
// any computer and under any load.
long long steps = 0;
int CountStep(void*) {
  ++steps;
  return 0;
}
int CountOn(sqlite3* handle, char**, const void*) {
  sqlite3_progress_handler(handle, 1, CountStep, nullptr);
  return SQLITE_OK;
}

struct Counting {
  Counting() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(CountOn)); }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
  ~Counting() { sqlite3_reset_auto_extension(); }
};

template <class Work>
long long StepsOf(const Work& work) {
  const long long before = steps;
  work();
  return steps - before;
}

void Grow(Transaction& transaction, int from, int to) {
  for (int i = from; i < to; ++i) {
    auto given = NewConnection("c" + std::to_string(i));
    given.password_kind = PasswordKind::kEnv;
    given.password_reference = "V";
    const auto connection = Must(transaction.InsertConnection(given, Secret()));
    Must(transaction.InsertTable({.connection_id = connection.id, .schema = "s", .name = "t"}));
    for (int j = 0; j < 3; ++j) {
      Must(transaction.InsertJob({.name = "j" + std::to_string(i) + "_" + std::to_string(j),
                                  .body = "x",
                                  .connection_id = connection.id,
                                  .edges = {{connection.id, Role::kTarget, "s", "t"}}}));
    }
  }
}

TEST_CASE("look-ups and changes take as many steps in a large catalog as in a small one") {
  const Counting counting;
  const Catalog catalog;
  auto transaction = catalog.Write();
  const auto measure = [&] {
    const auto look = [&] {
      const auto c = Must(transaction->FindConnection("c5"));
      Must(transaction->FindConnectionById(c->id));
      Must(transaction->FindConnectionLike("C5"));
      Must(transaction->FindTable(c->id, "s", "t"));
      Must(transaction->FindJob("j5_1"));
      Must(transaction->FindJobLike("J5_1"));
      CHECK(Must(transaction->DependentsOf(c->id)).jobs.size() == 3);
      CHECK(Must(transaction->JobsOnTable(c->id, "s", "t")).size() == 3);
    };
    const auto change = [&] {
      auto job = Must(transaction->FindJob("j5_2")).value();
      Must(transaction->UpdateJob(job));
      auto extra = Must(transaction->InsertConnection(NewConnection("extra"), Secret("pw")));
      Must(transaction->UpdateConnection(extra, nullptr, false));
      Must(transaction->DeleteConnection(extra.id));
    };
    look();  // prepares the statements
    change();
    return StepsOf(look) + StepsOf(change);
  };
  Grow(*transaction, 0, 20);
  const auto small = measure();
  Grow(*transaction, 20, 1500);
  const auto large = measure();
  MESSAGE("steps with 20 connections: " << small << ", with 1500: " << large);
  CHECK(small > 100);
  CHECK(large < small + small / 10);
}

}  // namespace
}  // namespace berth::catalog
