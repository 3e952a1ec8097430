#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pool/reserve.h"
#include "pool_fixture.h"
#include "support/temp_dir.h"

namespace berth::pool {
namespace {

// Connections 1, 2 and 3 in one group; two ledgers on a folder are as two processes.
struct GroupFixture {
  std::unique_ptr<SlotLedger> MakeLedger() const {
    return MakeHostLedger({.folder = dir / "slots", .program = "test-program", .catalog_id = 1});
  }
  // With the reservations of all, by connection.
  SlotRequest Request(std::int64_t connection_id, Ticket* ticket = nullptr) const {
    GroupShare share{.group_id = 5, .name = "wh", .version = version, .cap = cap};
    for (std::size_t i = 0; i < reserved.size(); ++i) {
      const auto id = static_cast<std::int64_t>(i) + 1;
      if (id < connection_id) share.reserved_before += reserved[i];
      if (id == connection_id) share.reserved = reserved[i];
      share.reserved_total += reserved[i];
    }
    return {.connection_id = connection_id, .cap = connection_cap, .ticket = ticket, .group = std::move(share)};
  }
  std::optional<Slot> Take(SlotLedger& ledger, std::int64_t connection_id, Ticket* ticket = nullptr) const {
    auto taken = ledger.TryTake(Request(connection_id, ticket));
    if (!taken.ok()) FAIL(taken.error().message);
    return std::move(taken).value();
  }
  static std::unique_ptr<Ticket> Stand(
      SlotLedger& ledger, std::int64_t connection_id, std::function<void()> wake = [] {}) {
    return std::move(ledger.StandInLine(connection_id, std::move(wake)).value());
  }
  std::vector<Slot> TakeAll(SlotLedger& ledger, std::int64_t connection_id) const {
    std::vector<Slot> slots;
    while (auto slot = Take(ledger, connection_id)) slots.push_back(std::move(*slot));
    return slots;
  }

  test::TempDir dir;
  std::size_t cap = 5;
  std::int64_t version = 1;
  std::size_t connection_cap = 10;
  std::vector<std::size_t> reserved = {0, 0, 0};
  std::unique_ptr<SlotLedger> one = MakeLedger();
  std::unique_ptr<SlotLedger> two = MakeLedger();
};

TEST_CASE_FIXTURE(GroupFixture,
                  "a group's cap holds over its connections and ledgers, and the connection's own below it") {
  connection_cap = 3;
  const auto of_first = TakeAll(*one, 1);
  CHECK(of_first.size() == 3);
  auto of_second = TakeAll(*two, 2);
  CHECK(of_second.size() == 2);
  CHECK_FALSE(Take(*one, 3));
  CHECK(one->SlotsOfGroup(5).size() == 5);
  CHECK(one->SlotsOfGroup(5)[4].connection_id == 2);
  of_second.pop_back();
  CHECK(Take(*one, 3));
  CHECK(one->Slots(3).empty());  // it went at once
}

TEST_CASE_FIXTURE(GroupFixture,
                  "reserved slots are the connection's alone, and do not count against what is open to all") {
  reserved = {2, 1, 0};
  const auto of_third = TakeAll(*two, 3);
  CHECK(of_third.size() == 2);  // 5, less 3 reserved ones
  CHECK(TakeAll(*one, 2).size() == 1);
  CHECK(TakeAll(*one, 1).size() == 2);
}

TEST_CASE_FIXTURE(GroupFixture, "who has reserved slots free leaves those that are open to all, in whichever process") {
  reserved = {2, 0, 0};
  cap = 4;
  auto in_one = std::vector<Slot>();
  in_one.push_back(*Take(*one, 1));
  in_one.push_back(*Take(*one, 1));
  const auto in_two = TakeAll(*two, 1);
  CHECK(in_two.size() == 2);
  auto ticket = Stand(*one, 2);
  CHECK_FALSE(Take(*one, 2, ticket.get()));
  in_one.clear();
  std::optional<Slot> slot;
  REQUIRE(Eventually([&] { return (slot = Take(*one, 2, ticket.get())).has_value(); }));
  ticket.reset();
  CHECK(Eventually([&] { return Take(*one, 2).has_value(); }));
}

TEST_CASE_FIXTURE(GroupFixture,
                  "the line goes over the connections of a group; a slot of one's own needs no turn in it") {
  cap = 3;
  reserved = {0, 0, 1};
  auto held = TakeAll(*one, 1);
  CHECK(held.size() == 2);
  std::atomic<int> woken{0};
  auto first = Stand(*two, 2, [&] { ++woken; });
  CHECK_FALSE(Take(*two, 2, first.get()));
  auto second = Stand(*one, 1);
  CHECK_FALSE(Take(*one, 1, second.get()));
  auto third = Stand(*one, 3);
  CHECK(Take(*one, 3, third.get()));
  third.reset();
  const int before = woken;
  held.pop_back();
  CHECK(Eventually([&] { return woken > before; }));
  CHECK_FALSE(Take(*one, 1, second.get()));
  const auto got = Take(*two, 2, first.get());
  REQUIRE(got);
  first.reset();
  held.pop_back();
  CHECK(Take(*one, 1, second.get()));
}

TEST_CASE_FIXTURE(GroupFixture, "who stands in the group's line holds none of his connection's slots meanwhile") {
  cap = 1;
  connection_cap = 1;
  auto held = Take(*one, 1);
  auto ticket = Stand(*two, 2);
  CHECK_FALSE(Take(*two, 2, ticket.get()));
  CHECK(one->Slots(2).empty());
  held.reset();
  CHECK(Take(*two, 2, ticket.get()));
}

TEST_CASE_FIXTURE(GroupFixture, "two who want several slots each: the second holds none before the first has all") {
  auto first = Stand(*one, 1);
  auto second = Stand(*two, 2);
  std::vector<Slot> of_first;
  const auto take_two = [&] {
    for (int i = 0; i < 2; ++i) {
      auto slot = Take(*one, 1, first.get());
      REQUIRE(slot);
      of_first.push_back(std::move(*slot));
    }
  };
  take_two();
  CHECK_FALSE(Take(*two, 2, second.get()));
  take_two();
  first.reset();
  CHECK(Take(*two, 2, second.get()));
}

TEST_CASE_FIXTURE(GroupFixture, "more slots than the group has for a connection are refused at once") {
  reserved = {1, 2, 0};
  const auto none = Reserve(*one, Clock::System(),
                            {.connection_name = "c1", .slot = Request(1), .slots = 4, .deadline = Deadline::Never()});
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message ==
        "connection \"c1\": 4 slots are wanted, and its group \"wh\" has 3 for it (MAX_CONCURRENT_CONNECTIONS = 5, 2 "
        "reserved for others)");
}

TEST_CASE_FIXTURE(GroupFixture, "a killed process's slots of the group are free at once") {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto own = MakeLedger();
    const auto slots = TakeAll(*own, 1);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char got = 0;
  REQUIRE(::read(ready[0], &got, 1) == 1);
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK_FALSE(Take(*one, 2));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(TakeAll(*one, 2).size() == 5);
}

TEST_CASE_FIXTURE(GroupFixture, "a lowered cap: the surplus is known, and none comes free before it is back") {
  auto held = TakeAll(*one, 1);
  CHECK(held.size() == 5);
  cap = 3;
  version = 2;
  one->Announce(Request(1));
  CHECK(held.front()->group_surplus() == 2);
  held.pop_back();
  CHECK(held.front()->group_surplus() == 1);
  held.pop_back();
  CHECK(held.front()->group_surplus() == 0);
  CHECK_FALSE(Take(*two, 2));
  held.pop_back();
  CHECK(Take(*two, 2));
}

TEST_CASE_FIXTURE(GroupFixture, "8 threads on 4 ledgers and 3 connections: never more out than the cap, all served") {
  cap = 3;
  connection_cap = 2;
  reserved = {1, 0, 0};
  std::vector<std::unique_ptr<SlotLedger>> ledgers;
  for (int i = 0; i < 4; ++i) ledgers.push_back(MakeLedger());
  std::atomic<int> out{0};
  std::atomic<int> most{0};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      SlotLedger& ledger = *ledgers[static_cast<std::size_t>(t % 4)];
      const std::int64_t id = t % 3 + 1;
      for (int i = 0; i < 100; ++i) {
        std::unique_ptr<Ticket> ticket;
        std::vector<Slot> held;
        const bool got = Eventually([&] {
          if (auto slot = Take(ledger, id, ticket.get())) held.push_back(std::move(*slot));
          if (held.empty() && ticket == nullptr) ticket = Stand(ledger, id);
          return !held.empty();
        });
        if (!got) return;
        const int now = ++out;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        ++served;
        --out;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(served == 800);
  CHECK(most <= 3);
  CHECK(TakeAll(*one, 1).size() == 2);
}

// Two pools of a group; in real time, because other processes have no other.
struct TwoPools : GroupFixture {
  std::shared_ptr<Pool> Make(SlotLedger& ledger, std::int64_t connection_id) {
    PoolOptions options;
    options.connection_id = connection_id;
    options.connection_name = "c" + std::to_string(connection_id);
    options.sessions_max = connection_cap;
    options.group = Request(connection_id).group;
    options.params = [](Deadline) -> Result<session::ConnectParams> { return session::ConnectParams{.user = "u"}; };
    return Pool::Create(options, {.factory = server, .ledger = ledger, .clock = Clock::System()});
  }
  static Lease Hold(Pool& pool) {
    auto lease = pool.Acquire(Deadline::After(Clock::System(), seconds(20)));
    if (!lease.ok()) FAIL(lease.error().message);
    return std::move(lease).value();
  }
  // The idle sessions of a pool go when another connection of the group waits. True: as many as were waited for.
  bool YieldsOne(SlotLedger& first, SlotLedger& second) {
    auto pool = Make(first, 1);
    {
      const Lease a = Hold(*pool);
      const Lease b = Hold(*pool);
    }
    auto other = Make(second, 2);
    const Clock::Steady start = Clock::System().Now();
    const Lease lease = Hold(*other);
    const auto took = Clock::System().Now() - start;
    CHECK(took < 4 * milliseconds(250));
    CHECK(server.refused_count() == 0);
    const auto idle = pool->Stats().idle;
    if (took < kYieldLook) CHECK(idle == 1);  // the pool has looked once
    return idle == 1;
  }
  // Who has not taken his slot within kYieldLook, on a slow machine, is seen to wait still, and gets a second session.
  void CheckYields(SlotLedger& first, SlotLedger& second) {
    cap = 2;
    server.SetRoom(2);
    bool yielded = false;
    for (int i = 0; i < 5 && !yielded; ++i) yielded = YieldsOne(first, second);
    CHECK(yielded);
  }

  test::FakeFactory server;
};

TEST_CASE_FIXTURE(TwoPools, "idle sessions of a connection go when another of its group waits: in one process") {
  CheckYields(*one, *one);
}

TEST_CASE_FIXTURE(TwoPools, "idle sessions of a connection go when another of its group waits: over two processes") {
  CheckYields(*one, *two);
}

TEST_CASE_FIXTURE(TwoPools, "idle sessions of a connection go when another of its group waits: slots in memory") {
  const auto local = MakeLocalLedger();
  CheckYields(*local, *local);
}

TEST_CASE_FIXTURE(TwoPools, "idle sessions on reserved slots stay: nobody else could have these") {
  cap = 2;
  reserved = {1, 0, 0};
  auto pool = Make(*one, 1);
  {
    const Lease a = Hold(*pool);
  }
  auto other = Make(*two, 2);
  const Lease lease = Hold(*other);
  const auto none = other->Acquire(Deadline::After(Clock::System(), milliseconds(300)));
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().Sqlstate() == "53300");
  CHECK(pool->Stats().idle == 1);
}

}  // namespace
}  // namespace berth::pool
