#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "capi/world.h"

using berth::cpp::Engine;
using berth::test::CapiWorld;
using berth::test::Refusal;
using berth::test::TempDir;
using std::chrono::milliseconds;

TEST_CASE("C++ face: rows, parameters, NULL, typed values, tags") {
  const CapiWorld world;
  auto conversation = world.On();
  auto rows =
      conversation.Execute("select $1::int as a, $2::text as b, null as c, true as d, 1.5::float8 as e", {"7", "it's"});
  REQUIRE(rows.column_count() == 5);
  CHECK(std::string(rows.column(0).name) == "a");
  CHECK(rows.column(0).kind == BERTH_INTEGER);
  int count = 0;
  for (const auto& row : rows) {
    CHECK(row.Get<int>(0) == 7);
    CHECK(row.Get<std::string_view>(1) == "it's");
    CHECK_FALSE(row[2]);
    CHECK_FALSE(row.Get<std::optional<int>>(2));
    CHECK(row.Get<bool>(3));
    CHECK(row.Get<std::optional<double>>(4) == 1.5);
    CHECK_FALSE(row.TryGet<int>(1));   // a text
    CHECK_FALSE(row.TryGet<int>(2));   // NULL
    CHECK_FALSE(row.TryGet<bool>(0));  // 7 is no boolean
    ++count;
  }
  CHECK(count == 1);
  CHECK(rows.tag() == "SELECT 1");
  CHECK_FALSE(rows.NextResult());
}

TEST_CASE("C++ face: a text of several statements, one result each") {
  const CapiWorld world;
  auto conversation = world.On();
  CHECK(conversation.Run("create temp table t (i int); insert into t values (1), (2)") == 2);
  auto rows = conversation.Execute("select 1; select 2, 3");
  CHECK(rows.Next()->size() == 1);
  CHECK(rows.NextResult());
  CHECK(rows.Next()->size() == 2);
  CHECK_FALSE(rows.NextResult());
}

TEST_CASE("C++ face: errors are facts, thrown or returned") {
  const CapiWorld world;
  auto conversation = world.On();
  const auto thrown = Refusal([&] { conversation.Execute("select 1/0").Next(); });
  REQUIRE(thrown);
  CHECK(thrown->code() == BERTH_SERVER);
  CHECK(thrown->sqlstate() == "22012");
  auto returned = conversation.TryExecute("select nothing");
  REQUIRE_FALSE(returned);
  CHECK(returned.error().sqlstate() == "42703");
  CHECK(conversation.TryUse("nowhere").error().code() == BERTH_NOT_FOUND);
  CHECK(conversation.TryRun("select 1").Take() == 1);
}

TEST_CASE("C++ face: a prepared statement runs with other parameters, also on another session") {
  const CapiWorld world;
  auto conversation = world.On();
  auto doubled = conversation.Prepare("select $1::int * 2");
  for (const auto* const number : {"1", "2", "3"})
    CHECK(doubled.Execute({number}).Next()->Get<int>(0) == 2 * std::atoi(number));
  conversation.Run("deallocate all");
  CHECK(doubled.Execute({"21"}).Next()->Get<int>(0) == 42);
  auto failed = doubled.TryExecute(std::vector<berth::cpp::Parameter>{"x"});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().sqlstate() == "22P02");
}

TEST_CASE("C++ face: a lease lasts over statements and transactions, and the cap counts it") {
  const CapiWorld world;
  auto first = world.On();
  const auto session = first.Connect();
  CHECK(std::string(session.connection) == "c");
  CHECK(session.port == berth::test::TempPostgres::Shared().port());
  const auto pid = std::to_string(session.backend_pid);
  first.Run("BEGIN");
  first.Run("create temp table mine (i int)");
  CHECK(first.in_transaction());
  first.Run("COMMIT");
  CHECK_FALSE(first.in_transaction());
  CHECK(first.Execute("select pg_backend_pid()").Next()->Get<std::string>(0) == pid);
  first.Run("insert into mine values (1)");
  auto second = world.On();
  second.Connect();
  auto third = world.On();
  auto refused = third.TryConnect(milliseconds(50));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == BERTH_RESOURCE_EXHAUSTED);
}

TEST_CASE("C++ face: what is registered keeps the connection") {
  const CapiWorld world;
  auto conversation = world.On();
  conversation.Run("CREATE TABLE c.public.registered (i int)");
  conversation.CreateJob(
      {.name = "Load \"it\"", .connection = "c", .body = "insert into public.registered values (1)"});
  CHECK(conversation.TryDropTable("c", "public", "registered").error().code() == BERTH_DEPENDENTS_EXIST);
  conversation.AttachJob("airflow:dag", {"c"});
  const auto refused = Refusal([&] { conversation.Run("DROP CONNECTION c"); });
  REQUIRE(refused);
  CHECK(refused->code() == BERTH_DEPENDENTS_EXIST);
  CHECK(std::string(refused->what()).find("Cannot delete connection due to usages: public.registered") == 0);
  conversation.DetachJob("airflow:dag");
  conversation.CreateJob(
      {.name = "Load \"it\"", .connection = "c", .body = "select '$body$'; select 2", .or_replace = true});
  conversation.DropTable("c", "public", "registered");
  CHECK(conversation.TryAttachTable("c", "public", "registered").error().code() == BERTH_NOT_FOUND);
  conversation.DropJob("Load \"it\"");
  conversation.Run("DROP CONNECTION c");
}

TEST_CASE("C++ face: another thread cancels; a deadline ends a statement") {
  const CapiWorld world;
  auto conversation = world.On();
  berth_conversation_set_notice_sink(
      conversation.get(),
      [](void* context, const char*, const char*, const char*, const char*) {
        std::thread([context] { berth_conversation_cancel(static_cast<berth_conversation*>(context)); }).join();
      },
      conversation.get());
  const auto cancelled =
      Refusal([&] { conversation.Run("do $$ begin raise notice 'now'; perform pg_sleep(30); end $$"); });
  REQUIRE(cancelled);
  CHECK(cancelled->code() == BERTH_CANCELLED);
  berth_conversation_set_notice_sink(conversation.get(), nullptr, nullptr);
  const auto late = conversation.TryRun("select pg_sleep(30)", {}, milliseconds(100));
  CHECK(late.error().code() == BERTH_DEADLINE_EXCEEDED);
  conversation.Run("select 1");
}

TEST_CASE("C++ face: a caller that stops half-way; handles closed in the wrong order") {
  std::optional<berth::cpp::Rows> rows;
  {
    const CapiWorld world;
    auto conversation = world.On();
    rows = conversation.Execute("select i from generate_series(1, 10000000) i");
    CHECK(rows->Next()->Get<int>(0) == 1);
    auto busy = conversation.TryExecute("select 1");
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code() == BERTH_FAILED_PRECONDITION);  // rows are open
    rows.reset();
    conversation.Run("select 1");
    rows = conversation.Execute("select i from generate_series(1, 10000000) i");
  }
  CHECK(rows->Next()->Get<int>(0) == 1);
}

TEST_CASE("C++ face: many threads on one engine, and two engines in one process") {
  const CapiWorld world;
  const auto other = Engine::Open({.catalog = world.Catalog(), .program = "other"});
  constexpr int kThreads = 8;
  constexpr int kStatements = 25;
  std::mutex mutex;
  std::int64_t sum = 0;
  int failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto& engine = t % 2 == 0 ? world.engine : other;
      for (int i = 0; i < kStatements; ++i) {
        const auto text = std::to_string(i);
        const std::vector<berth::cpp::Parameter> parameters{text};
        auto rows = engine.TryExecute("c", "select $1::int", parameters);
        const auto row = rows ? rows->Next() : std::nullopt;
        const std::lock_guard lock(mutex);
        if (row) {
          sum += row->Get<int>(0);
        } else {
          ++failures;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(sum == kThreads * (kStatements - 1) * kStatements / 2);
}

TEST_CASE("C++ face: each engine has a log of its own") {
  std::string mine;
  std::string theirs;
  const CapiWorld world([&](berth_log_level, std::string_view line) { mine.append(line).append("\n"); },
                        BERTH_LOG_INFO);
  CHECK(mine.find("is at version") != std::string::npos);  // the catalog was made
  const TempDir folder;
  const auto other = Engine::Open({.catalog = "sqlite:" + (folder / "other.db"),
                                   .log = [&](berth_log_level, std::string_view line) { theirs.append(line); },
                                   .log_level = BERTH_LOG_INFO});
  CHECK(theirs.find("other.db") != std::string::npos);
  CHECK(mine.find("other.db") == std::string::npos);
}
