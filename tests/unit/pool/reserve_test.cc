#include "pool/reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <thread>

#include <doctest/doctest.h>

#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace berth::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Two ledgers on one folder exclude one another as those of two processes do.
struct ReserveFixture {
  std::unique_ptr<SlotLedger> MakeLedger() const {
    return MakeHostLedger({.folder = dir / "slots", .program = "test"});
  }
  static ReserveOptions Options(std::size_t slots, std::size_t cap, Deadline deadline) {
    return {.connection_name = "etl",
            .slot = {.connection_id = 7, .cap = cap, .version = 1},
            .slots = slots,
            .deadline = deadline};
  }
  // At once or not at all.
  Result<std::vector<Slot>> Now(SlotLedger& ledger, std::size_t slots, std::size_t cap) const {
    return Reserve(ledger, clock, Options(slots, cap, Deadline::At(clock.Now())));
  }
  std::vector<Slot> Take(SlotLedger& ledger, std::size_t slots, std::size_t cap) const {
    auto taken = Now(ledger, slots, cap);
    REQUIRE(taken.ok());
    return std::move(taken).value();
  }

  test::TempDir dir;
  test::ManualClock clock;
  std::unique_ptr<SlotLedger> one = MakeLedger();
  std::unique_ptr<SlotLedger> two = MakeLedger();
};

TEST_CASE_FIXTURE(ReserveFixture, "Reserve: all or none, and what was gathered is given back") {
  const auto held = Take(*one, 2, 3);
  const auto late = Now(*two, 2, 3);
  REQUIRE(!late.ok());
  CHECK(late.error().code == ErrorCode::kResourceExhausted);
  CHECK(late.error().message ==
        "connection \"etl\": 1 of 2 slots within 0 ms; 3 of 3 slots in use (MAX_CONCURRENT_CONNECTIONS = 3), you were "
        "1st in line");
  CHECK(Now(*two, 1, 3).ok());
  const auto above = Now(*two, 4, 3);
  REQUIRE(!above.ok());
  CHECK(above.error().code == ErrorCode::kLimitExceeded);
  CHECK(above.error().message ==
        "connection \"etl\": 4 slots are wanted, and there are 3 (MAX_CONCURRENT_CONNECTIONS = 3)");
}

TEST_CASE_FIXTURE(ReserveFixture, "Reserve: waits until the last one comes free, and says so meanwhile") {
  auto held = Take(*one, 2, 3);
  auto options = Options(3, 3, Deadline::Never());
  std::vector<std::string> said;
  options.waiting = [&](const std::string& text) {
    said.push_back(text);
    if (held.empty()) return;
    held.pop_back();
  };
  const auto taken = Reserve(*two, Clock::System(), options);
  REQUIRE(taken.ok());
  CHECK(taken.value().size() == 3);
  REQUIRE(said.size() >= 2);
  CHECK(said[0].starts_with("connection \"etl\": waiting, 1st in line, with 1 of 3 slots; 3 of 3 slots in use"));
}

TEST_CASE_FIXTURE(ReserveFixture, "Reserve: who is behind takes nothing, and comes through after the first") {
  auto held = Take(*one, 1, 3);
  std::optional<Result<std::vector<Slot>>> second;
  std::thread waiter;
  auto options = Options(3, 3, Deadline::Never());
  bool began = false;
  options.waiting = [&](const std::string&) {
    if (began) return;
    began = true;
    const auto third = MakeLedger();
    auto behind = Options(2, 3, Deadline::At(clock.Now()));
    const auto late = Reserve(*third, clock, behind);  // the two free ones are the first's
    REQUIRE(!late.ok());
    CHECK(
        late.error().message ==
        "connection \"etl\": 0 of 2 slots within 0 ms; 3 of 3 slots in use (MAX_CONCURRENT_CONNECTIONS = 3), you were "
        "2nd in line");
    waiter = std::thread([&] { second = Reserve(*one, Clock::System(), Options(2, 3, Deadline::Never())); });
    held.clear();
  };
  {
    const auto first = Reserve(*two, Clock::System(), options);
    REQUIRE(first.ok());
  }
  waiter.join();
  REQUIRE(second.has_value());
  CHECK(second->ok());
}

TEST_CASE_FIXTURE(ReserveFixture, "Reserve: a cap that is lowered below what is wanted ends the wait") {
  const auto held = Take(*one, 2, 3);
  auto options = Options(3, 3, Deadline::Never());
  options.waiting = [&](const std::string&) { one->Announce({.connection_id = 7, .cap = 2, .version = 2}); };
  const auto refused = Reserve(*two, Clock::System(), options);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::kLimitExceeded);
  CHECK(refused.error().message.find("3 slots are wanted, and there are 2") != std::string::npos);
}

TEST_CASE_FIXTURE(ReserveFixture, "Bequeathed slots outlive their ledger, until the descriptor is closed") {
  const auto before = std::filesystem::path("/proc/self/fd");
  {
    auto slots = Take(*one, 2, 3);
    for (auto& slot : slots) REQUIRE(slot->Bequeath("dbt").ok());
  }
  one.reset();
  CHECK(!Now(*two, 2, 3).ok());
  const auto facts = two->Slots(7);
  REQUIRE(facts.size() == 2);
  for (const auto& fact : facts) {
    CHECK(fact.state == SlotState::kReserved);
    CHECK(fact.alive);
    CHECK(!fact.own);
    CHECK(fact.program == "dbt");
    CHECK(fact.pid == ::getpid());
  }

  int inherited = -1;
  for (const auto& entry : std::filesystem::directory_iterator(before)) {
    const int fd = std::stoi(entry.path().filename().string());
    std::error_code gone;
    if (fd >= 200 && std::filesystem::read_symlink(entry.path(), gone).string() == (dir / "slots/7")) inherited = fd;
  }
  REQUIRE(inherited >= 0);
  CHECK((::fcntl(inherited, F_GETFD) & FD_CLOEXEC) == 0);
  ::close(inherited);
  CHECK(two->Slots(7).empty());
  const auto all = Take(*two, 3, 3);
  for (const auto& slot : all) CHECK(!slot->orphan().has_value());
}

TEST_CASE("Slots that count in one process alone cannot be bequeathed") {
  const auto ledger = MakeLocalLedger();
  auto taken = Reserve(*ledger, Clock::System(),
                       {.connection_name = "etl",
                        .slot = {.connection_id = 7, .cap = 3},
                        .slots = 2,
                        .deadline = Deadline::At(Clock::System().Now())});
  REQUIRE(taken.ok());
  const auto bequeathed = taken.value().front()->Bequeath("dbt");
  REQUIRE(!bequeathed.ok());
  CHECK(bequeathed.error().code == ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace berth::pool
