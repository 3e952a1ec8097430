#include "shell/name_cache.h"

#include <functional>
#include <mutex>

#include <doctest/doctest.h>

#include "fakes.h"
#include "shell/sql_texts.h"
#include "support/fake_session.h"

using berth::Deadline;
using berth::Error;
using berth::Outcome;
using berth::Result;
using berth::Secret;
using berth::Status;
using berth::TransactionState;
using berth::shell::NameCache;
using berth::shell::SqlText;
using berth::shell::test::FakeConversation;
using berth::shell::test::FakeResult;
using berth::shell::test::FakeRows;
using berth::shell::test::Text;
using berth::test::ManualClock;

namespace {

// The catalog of an engine, as listings.
class Catalog final : public berth::Engine {
 public:
  std::unique_ptr<berth::Conversation> NewConversation() override { return std::make_unique<FakeConversation>(); }
  Result<Outcome> Execute(std::string_view text, std::string_view, berth::Parameters, Deadline) override {
    const std::lock_guard lock(mutex_);
    ++listings_;
    FakeResult result{.columns = {Text("name"), Text("schema"), Text("table")}, .rows = {}, .tag = "SHOW"};
    if (text == "SHOW JOBS") result.rows = {{"nightly", "", ""}};
    if (text.starts_with("SELECT catalog")) result.rows = {{"etl", "raw", "events"}};
    if (text == "SHOW SECRETS") return Error{.message = "there are none"};
    return Outcome(std::make_unique<FakeRows>(std::vector{result}));
  }
  Result<std::vector<berth::ConnectionFacts>> Connections() override {
    const std::lock_guard lock(mutex_);
    std::vector<berth::ConnectionFacts> facts;
    for (const auto& name : names_) facts.emplace_back().name = name;
    return facts;
  }
  Result<std::int64_t> CatalogVersion() override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(names_.size());
  }
  void Add(const std::string& name) {
    const std::lock_guard lock(mutex_);
    names_.push_back(name);
  }
  int listings() const {
    const std::lock_guard lock(mutex_);
    return listings_;
  }

  Result<std::unique_ptr<berth::Reservation>> Reserve(const berth::ReserveRequest&) override { return Error{}; }
  Result<std::vector<Secret>> SealingKeys() override { return Error{}; }
  Result<std::optional<berth::AccessKeyFacts>> FindAccessKey(std::string_view) override { return Error{}; }
  Status NoteKeyUse(std::string_view, berth::Clock::Wall) override { return Error{}; }
  Result<std::vector<berth::GrantFacts>> Grants() override { return Error{}; }
  Result<berth::BackupReport> BackUp(const std::string&, bool) override { return Error{}; }
  Result<berth::RekeyReport> ChangeKey() override { return Error{}; }
  Result<berth::CheckReport> Check(Deadline) override { return Error{}; }
  std::string CatalogName() const override { return "sqlite:/tmp/c.db"; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> names_{"etl"};
  int listings_ = 0;
};

struct Cache {
  ManualClock clock;
  Catalog catalog;
  FakeConversation conversation;
  NameCache names{catalog, conversation, clock};

  Cache() {
    conversation.now = {.connection = "etl", .session_usable = true};
    conversation.results[std::string(SqlText("names.sql"))] = {
        {.columns = {Text("schema"), Text("name"), Text("visible"), Text("column")},
         .rows = {{"public", "harbours", "t", "id"}, {"public", "harbours", "t", "berths"}, {"zq", "empty", "f", {}}},
         .tag = "SELECT 3"}};
  }
  // The thread is given its time.
  void Await(const std::function<bool(const berth::shell::Names&)>& so) const {
    REQUIRE(berth::test::Eventually([&] { return so(*names.names()); }));
  }
  std::size_t Asked() const { return conversation.executed.size(); }
};

}  // namespace

TEST_CASE("The catalog's names, and the warehouse's on the session that is open") {
  Cache cache;
  cache.names.Enter();
  cache.Await([](const auto& names) { return names.relations.size() == 2; });
  cache.names.Leave();
  const auto names = cache.names.names();
  CHECK(names->connections == std::vector<std::string>{"etl"});
  CHECK(names->jobs == std::vector<std::string>{"nightly"});
  CHECK(names->secrets.empty());
  REQUIRE(names->tables.size() == 1);
  CHECK(names->tables[0].name == "events");
  CHECK(names->relations[0].columns == std::vector<std::string>{"id", "berths"});
  CHECK(names->relations[0].visible);
  CHECK_FALSE(names->relations[1].visible);
  CHECK(names->relations[1].columns.empty());
}

TEST_CASE("Nothing is asked twice: the catalog after a commit, the warehouse after Forget") {
  Cache cache;
  const auto visit = [&] {
    cache.names.Enter();
    cache.Await([](const auto& names) { return !names.relations.empty(); });
    cache.names.Leave();
  };
  visit();
  const int listings = cache.catalog.listings();
  cache.catalog.Add("finance");
  cache.names.Enter();
  cache.Await([](const auto& names) { return names.connections.size() == 2; });
  cache.names.Leave();
  CHECK(cache.Asked() == 1);
  const int again = cache.catalog.listings();
  CHECK(again > listings);
  cache.names.Forget();
  cache.names.Enter();
  REQUIRE(berth::test::Eventually([&] {
    cache.names.Leave();
    const bool asked = cache.Asked() == 2;
    cache.names.Enter();
    return asked;
  }));
  CHECK(cache.catalog.listings() == again);
  cache.names.Leave();
}

TEST_CASE("Without a session, or in a transaction, the warehouse is asked nothing") {
  for (const bool open : {false, true}) {
    Cache cache;
    cache.conversation.now.session_usable = open;
    if (open) cache.conversation.now.transaction = TransactionState::kWarehouse;
    cache.names.Enter();
    cache.Await([](const auto& names) { return !names.connections.empty(); });
    cache.names.Leave();
    CHECK(cache.Asked() == 0);
  }
}

TEST_CASE("Another connection's names are not shown") {
  Cache cache;
  cache.names.Enter();
  cache.Await([](const auto& names) { return !names.relations.empty(); });
  cache.names.Leave();
  cache.conversation.now = {.connection = "finance", .session_usable = false};
  cache.names.Enter();
  CHECK(cache.names.names()->relations.empty());
  cache.names.Leave();
}

TEST_CASE("Leave cancels what the warehouse is asked, and waits for it") {
  Cache cache;
  std::atomic<bool> asked = false;
  cache.conversation.on_execute = [&] {
    asked = true;
    CHECK(berth::test::Eventually([&] { return cache.conversation.cancels > 0; }));
  };
  cache.names.Enter();
  REQUIRE(berth::test::Eventually([&] { return asked.load(); }));
  cache.names.Leave();
  CHECK(cache.conversation.cancels > 0);
  CHECK(cache.names.names()->relations.empty());
}
