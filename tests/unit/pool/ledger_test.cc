#include "pool_fixture.h"

namespace berth::pool {
namespace {

TEST_CASE("the local ledger counts per connection, and a slot may outlive it") {
  auto ledger = MakeLocalLedger();
  auto one = ledger->TryTake({.connection_id = 1, .cap = 2});
  auto two = ledger->TryTake({.connection_id = 1, .cap = 2});
  REQUIRE(one.value().has_value());
  REQUIRE(two.value().has_value());
  CHECK_FALSE(ledger->TryTake({.connection_id = 1, .cap = 2}).value().has_value());
  CHECK(ledger->TryTake({.connection_id = 1, .cap = 3}).value().has_value());
  CHECK(ledger->TryTake({.connection_id = 2, .cap = 2}).value().has_value());
  one.value().reset();
  CHECK(ledger->TryTake({.connection_id = 1, .cap = 2}).value().has_value());
  CHECK(ledger->LookAtLine(1).waiting == 0);
  ledger.reset();
}

TEST_CASE("the local ledger's line: the first is woken, nobody passes it, its leaving wakes the next") {
  auto ledger = MakeLocalLedger();
  auto held = ledger->TryTake({.connection_id = 1, .cap = 1});
  std::atomic<int> first_woken{0};
  std::atomic<int> second_woken{0};
  auto first = ledger->StandInLine(1, [&] { ++first_woken; });
  auto second = ledger->StandInLine(1, [&] { ++second_woken; });
  CHECK(first_woken == 0);
  held.value().reset();
  CHECK(Eventually([&] { return first_woken > 0; }));
  CHECK(second_woken == 0);
  CHECK_FALSE(ledger->TryTake({.connection_id = 1, .cap = 1}).value().has_value());
  CHECK_FALSE(ledger->TryTake({.connection_id = 1, .cap = 1, .ticket = second.value().get()}).value().has_value());
  first.value().reset();
  CHECK(Eventually([&] { return second_woken > 0; }));
  CHECK(ledger->TryTake({.connection_id = 1, .cap = 1, .ticket = second.value().get()}).value().has_value());
}

// The local ledger, and how often it was asked.
class CountingLedger : public SlotLedger {
 public:
  Result<std::optional<Slot>> TryTake(const SlotRequest& request) override {
    ++asked;
    return local_->TryTake(request);
  }
  Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) override {
    ++asked;
    return local_->StandInLine(connection_id, std::move(wake));
  }
  LineView LookAtLine(std::int64_t connection_id, CapOf cap) override { return local_->LookAtLine(connection_id, cap); }
  std::unique_ptr<Ticket> WatchPressure(std::int64_t connection_id, std::function<void()> pressed) override {
    return local_->WatchPressure(connection_id, std::move(pressed));
  }
  bool MayYield(std::int64_t connection_id, CapOf cap, std::chrono::nanoseconds interval) override {
    return local_->MayYield(connection_id, cap, interval);
  }
  void Announce(const SlotRequest& request) override { local_->Announce(request); }
  Refusals NoteRefused(std::int64_t connection_id, std::int64_t login_version, const Refusals& last) override {
    return local_->NoteRefused(connection_id, login_version, last);
  }
  Refusals Refused(std::int64_t connection_id, std::int64_t login_version) override {
    return local_->Refused(connection_id, login_version);
  }
  void ForgetRefused(std::int64_t connection_id) override { local_->ForgetRefused(connection_id); }
  std::vector<SlotFacts> Slots(std::int64_t connection_id) override { return local_->Slots(connection_id); }
  std::vector<SlotFacts> SlotsOfGroup(std::int64_t group_id) override { return local_->SlotsOfGroup(group_id); }
  void Forget(std::int64_t connection_id) override { local_->Forget(connection_id); }
  void ForgetGroup(std::int64_t group_id) override { local_->ForgetGroup(group_id); }
  std::uint64_t CatalogEpoch() override { return local_->CatalogEpoch(); }
  void BumpCatalogEpoch() override { local_->BumpCatalogEpoch(); }
  std::unique_ptr<Ticket> WatchCatalog(std::function<void()> changed) override {
    return local_->WatchCatalog(std::move(changed));
  }

  std::atomic<int> asked{0};

 private:
  std::unique_ptr<SlotLedger> local_ = MakeLocalLedger();
};

// In which other processes have four slots of connection 99: of one that is dead, of a login, of two sessions.
class SharedLedger final : public CountingLedger {
 public:
  std::vector<SlotFacts> Slots(std::int64_t connection_id) override {
    if (connection_id != 99) return {};
    std::vector<SlotFacts> slots(4);
    for (auto& slot : slots) slot.alive = &slot != slots.data();
    slots.back().state = SlotState::kOpening;
    return slots;
  }
};

TEST_CASE("a server without room for the user: sessions of his other connections are Berth's as well") {
  for (const bool known : {true, false}) {
    CAPTURE(known);
    PoolFixture f(7);
    f.ledger = std::make_unique<SharedLedger>();
    f.server.SetUserLimit("etl", 3);
    f.options.same_user = [known] { return known ? std::vector<std::int64_t>{7, 99} : std::vector<std::int64_t>{}; };
    auto pool = f.Make();
    const Lease held = f.Take(*pool);
    f.server.SetRoom(1);
    const Error error = WaitInVain(f, *pool);
    CAPTURE(error.message);
    CHECK(error.message.find(known ? "1 session is not Berth's" : "2 sessions are not Berth's") != std::string::npos);
  }
}

TEST_CASE("the ledger is asked once a session, not once a lease") {
  PoolFixture f(1);
  auto counting = std::make_unique<CountingLedger>();
  const CountingLedger& ledger = *counting;
  f.ledger = std::move(counting);
  auto pool = f.Make();
  for (int i = 0; i < 100; ++i) f.Take(*pool);
  CHECK(ledger.asked == 1);
  // Nor by those who wait while the pool itself is at its cap.
  Lease held = f.Take(*pool);
  CHECK_FALSE(pool->Acquire(f.In(milliseconds(0))).ok());
  CHECK(ledger.asked == 1);
}

TEST_CASE("slots that others hold: the pool stands in the ledger's line, and a session that comes back still serves") {
  PoolFixture f(2);
  auto pool = f.Make();
  auto elsewhere = f.ledger->TryTake({.connection_id = 7, .cap = 2});
  Lease held = f.Take(*pool);
  {
    Caller waiter(*pool, f.In(seconds(60)));
    PoolFixture::AwaitWaiting(*pool, 1);
    REQUIRE(Eventually([&] { return pool->Stats().opening == 0; }));
    held = Lease();
    REQUIRE(waiter.Join().ok());
    held = std::move(waiter.Join().value());
  }
  CHECK(f.server.login_count() == 1);
  Caller waiter(*pool, f.In(seconds(60)));
  PoolFixture::AwaitWaiting(*pool, 1);
  elsewhere.value().reset();
  REQUIRE(waiter.Join().ok());
  CHECK(PoolFixture::IdOf(waiter.Join().value()) == 2);
  CHECK(f.server.open_most() == 2);
  // Nobody of the pool stands in the line any more.
  CHECK(Eventually([&] { return f.ledger->TryTake({.connection_id = 7, .cap = 3}).value().has_value(); }));
}

}  // namespace
}  // namespace berth::pool
