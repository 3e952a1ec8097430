#include <signal.h>

#include <barrier>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "support/manual_clock.h"
#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/child.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

Status Insert(Store& store, const std::string& name) {
  auto transaction = store.Begin(Access::kWrite, Soon());
  if (!transaction.ok()) return std::move(transaction).TakeError();
  auto inserted = transaction.value()->InsertConnection(NewConnection(name), Secret("pw-" + name));
  if (!inserted.ok()) return std::move(inserted).TakeError();
  return transaction.value()->Commit();
}

TEST_CASE("four processes make the catalog at once and write to it at once") {
  constexpr int kProcesses = 4;
  constexpr int kEach = 25;
  test::TempDir folder;
  const std::string path = folder / "new/catalog.db";
  Pipe start;
  std::vector<Child> children;
  for (int p = 0; p < kProcesses; ++p) {
    children.emplace_back([&, p] {
      start.Receive();
      auto store = Store::Open(OptionsFor(path));
      if (!store.ok()) return Complain("open: " + store.error().message);
      for (int i = 0; i < kEach; ++i) {
        const Status status = Insert(*store.value(), "c" + std::to_string(p) + "_" + std::to_string(i));
        if (!status.ok()) return Complain(status.error().message);
      }
      return 0;
    });
  }
  for (int p = 0; p < kProcesses; ++p) REQUIRE(start.Send());
  for (auto& child : children) CHECK(child.Wait() == 0);
  const auto store = Must(Store::Open(OptionsFor(path)));
  auto transaction = Must(store->Begin(Access::kRead, Soon()));
  const auto connections = Must(transaction->ListConnections());
  CHECK(connections.size() == std::size_t{kProcesses * kEach});
  for (const auto& connection : connections) {
    CHECK(Must(transaction->OpenPassword(connection)).Reveal() == "pw-" + connection.name);  // one key for all
  }
  CHECK(RawSql(path, "SELECT count(*) FROM berth_migrations WHERE version = 1") == "1");
  CHECK(IsIntact(path));
}

TEST_CASE("a writer that is killed loses nothing that it was told is committed") {
  test::TempDir folder;
  const std::string path = folder / "catalog.db";
  std::mt19937 random(20261122);
  std::size_t acknowledged = 0;
  std::size_t most = 0;
  for (int round = 0; round < 12; ++round) {
    Pipe commits;
    Child writer([&] {
      auto store = Store::Open(OptionsFor(path));
      if (!store.ok()) return Complain(store.error().message);
      for (int i = 0;; ++i) {
        const Status status = Insert(*store.value(), "c" + std::to_string(round) + "_" + std::to_string(i));
        if (!status.ok()) return Complain(status.error().message);
        if (!commits.Send()) return 0;
      }
    });
    commits.CloseWriter();
    const std::size_t wait_for = 1 + random() % 15;
    for (std::size_t i = 0; i < wait_for; ++i) REQUIRE(commits.Receive());
    ::kill(writer.pid(), SIGKILL);
    CHECK(writer.Wait() == -SIGKILL);
    acknowledged += wait_for;
    while (commits.Receive()) ++acknowledged;
    most = acknowledged + 1 + static_cast<std::size_t>(round);  // each may have died between the commit and the word
    const auto store = Must(Store::Open(OptionsFor(path)));
    const auto there = Must(Must(store->Begin(Access::kRead, Soon()))->ListConnections()).size();
    CHECK(there >= acknowledged);
    CHECK(there <= most);
    CHECK(IsIntact(path));
  }
}

TEST_CASE("a drop and a CREATE JOB at the same time never both succeed") {
  const Catalog catalog;
  int dropped = 0;
  int created = 0;
  for (int round = 0; round < 150; ++round) {
    const auto connection = catalog.Add("c");
    std::barrier start(2);
    bool drop = false;
    bool create = false;
    {
      const std::jthread dropper([&] {
        start.arrive_and_wait();
        auto transaction = catalog.store->Begin(Access::kWrite, Soon());
        if (!transaction.ok()) return;
        auto dependents = transaction.value()->DependentsOf(connection.id);
        if (!dependents.ok() || !dependents.value().empty()) return;
        drop = transaction.value()->DeleteConnection(connection.id).ok() && transaction.value()->Commit().ok();
      });
      const std::jthread creator([&] {
        start.arrive_and_wait();
        auto transaction = catalog.store->Begin(Access::kWrite, Soon());
        if (!transaction.ok()) return;
        auto found = transaction.value()->FindConnection("c");
        if (!found.ok() || !found.value()) return;
        const Job job{.name = "j", .body = "x", .edges = {{found.value()->id, Role::kSource, "s", "t"}}};
        create = transaction.value()->InsertJob(job).ok() && transaction.value()->Commit().ok();
      });
    }
    REQUIRE(drop != create);
    dropped += drop ? 1 : 0;
    created += create ? 1 : 0;
    if (create) {
      auto transaction = catalog.Write();
      Must(transaction->DeleteJob(Must(transaction->FindJob("j"))->id));
      Must(transaction->DeleteConnection(connection.id));
      Must(transaction->Commit());
    }
  }
  MESSAGE("dropped " << dropped << ", created " << created);
  CHECK(IsIntact(catalog.path));
}

TEST_CASE("threads share a store") {
  const Catalog catalog;
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  std::vector<Status> failures(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          Status status = Insert(*catalog.store, "c" + std::to_string(t) + "_" + std::to_string(i));
          auto read = catalog.store->Begin(Access::kRead, Soon());
          if (status.ok() && !read.ok()) status = std::move(read).TakeError();
          auto version = catalog.store->DataVersion();
          if (status.ok() && !version.ok()) status = std::move(version).TakeError();
          if (!status.ok()) failures[static_cast<std::size_t>(t)] = std::move(status);
        }
      });
    }
  }
  for (const auto& failure : failures) Must(failure);
  CHECK(Must(catalog.Read()->ListConnections()).size() == std::size_t{kThreads * kEach});
}

TEST_CASE("a catalog that another has locked: the wait ends at the deadline and says how long it was") {
  const Catalog catalog;
  test::ManualClock clock;
  auto options = OptionsFor(catalog.path);
  options.clock = &clock;
  const auto waiting = Must(Store::Open(options));
  const auto holder = catalog.Write();
  {
    std::jthread turn([&clock] {
      clock.AwaitWaits(3);
      clock.Advance(milliseconds(5'000));
    });
    const auto error = ErrorFrom(waiting->Begin(Access::kWrite, Deadline::After(clock, milliseconds(5'000))));
    CHECK(error.code == ErrorCode::kCatalogUnavailable);
    CHECK(Has(error.message, "is locked by another transaction; waited 5.0 s"));
    CHECK(Has(error.message, catalog.path));
  }
  // Readers wait for nobody.
  CHECK_FALSE(Must(Must(waiting->Begin(Access::kRead, Deadline::After(clock, milliseconds(0))))->FindConnection("c")));
}

TEST_CASE("a writer that waits gets the lock when it falls free") {
  const Catalog catalog;
  test::ManualClock clock;
  auto options = OptionsFor(catalog.path);
  options.clock = &clock;
  const auto waiting = Must(Store::Open(options));
  auto holder = catalog.Write();
  Must(holder->InsertConnection(NewConnection("c"), Secret("pw")));
  std::jthread release([&] {
    clock.AwaitWaits(2);
    static_cast<void>(holder->Commit().ok());
    clock.Advance(milliseconds(1));
  });
  auto transaction = Must(waiting->Begin(Access::kWrite, Deadline::After(clock, milliseconds(60'000))));
  CHECK(Must(transaction->FindConnection("c")));
}

}  // namespace
}  // namespace berth::catalog
