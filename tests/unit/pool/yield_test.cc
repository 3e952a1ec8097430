#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "pool_fixture.h"
#include "support/temp_dir.h"

namespace berth::pool {
namespace {

// A pool and another process, which is a second ledger on the same folder. Real time: processes have no other.
struct TwoProcesses : PoolFixture {
  explicit TwoProcesses(std::size_t cap) : PoolFixture(cap) { ledger = MakeLedger(); }
  std::unique_ptr<SlotLedger> MakeLedger() const {
    return MakeHostLedger({.folder = dir / "slots", .program = "elsewhere", .catalog_id = 1});
  }
  std::shared_ptr<Pool> MakeInRealTime() {
    return Pool::Create(options, {.factory = server, .ledger = *ledger, .clock = Clock::System()});
  }
  static Lease Hold(Pool& pool) {
    auto lease = pool.Acquire(Deadline::After(Clock::System(), seconds(60)));
    if (!lease.ok()) FAIL(lease.error().message);
    return std::move(lease).value();
  }

  test::TempDir dir;
  std::unique_ptr<SlotLedger> other = MakeLedger();
};

TEST_CASE("idle sessions are closed for another process, as many as it waits for, the longest unused first") {
  TwoProcesses f(3);
  auto pool = f.MakeInRealTime();
  {
    Lease one = TwoProcesses::Hold(*pool);
    Lease two = TwoProcesses::Hold(*pool);
    Lease three = TwoProcesses::Hold(*pool);
    three = Lease();  // the longest unused
    two = Lease();
  }
  const Clock::Steady start = Clock::System().Now();
  auto ticket = f.other->StandInLine(7, [] {});
  std::optional<Slot> slot;
  REQUIRE(Eventually([&] {
    slot = std::move(f.other->TryTake({.connection_id = 7, .cap = 3, .ticket = ticket.value().get()}).value());
    return slot.has_value();
  }));
  CHECK(Clock::System().Now() - start < 4 * milliseconds(250));
  CHECK(f.server.CountEvents("close 3") == 1);
  ticket.value().reset();
  CHECK(pool->Stats().idle == 2);
}

TEST_CASE("a killed process's session is cancelled at the server before its slot is used again") {
  TwoProcesses f(1);
  auto pool = f.MakeInRealTime();
  const pid_t child = ::fork();
  if (child == 0) {
    auto own = f.MakeLedger();
    auto slot = own->TryTake({.connection_id = 7, .cap = 1});
    (*slot.value())->Opened(4711, 99);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  Lease lease = TwoProcesses::Hold(*pool);
  CHECK(f.server.CountEvents("cancel backend 4711 99") == 1);
  CHECK(f.other->Slots(7).front().pid == ::getpid());
  CHECK(f.other->Slots(7).front().state == SlotState::kBusy);
}

TEST_CASE("no session in time: the error counts the slots of all processes and names their holders") {
  TwoProcesses f(2);
  auto pool = f.MakeInRealTime();
  Lease lease = TwoProcesses::Hold(*pool);
  auto slot = f.other->TryTake({.connection_id = 7, .cap = 2});
  (*slot.value())->Note(SlotState::kBusy, Clock::System().Now() - std::chrono::minutes(14));
  const auto none = pool->Acquire(Deadline::After(Clock::System(), milliseconds(50)));
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().Sqlstate() == "53300");
  CHECK(none.error().message.find("2 of 2 slots in use (MAX_CONCURRENT_CONNECTIONS = 2), 1 waiting") !=
        std::string::npos);
  CHECK(none.error().detail.find("longest: pid " + std::to_string(::getpid()) + " elsewhere (") != std::string::npos);
  CHECK(none.error().detail.find("busy 14:00; in this process longest: thread ") != std::string::npos);
}

TEST_CASE("three refused passwords over two processes: the next one does not try; RESUME lets it") {
  TwoProcesses f(2);
  auto pool = f.MakeInRealTime();
  for (int i = 0; i < 3; ++i) f.other->NoteRefused(7, 0, {.sqlstate = "28P01"});
  const auto refused = pool->Acquire(Deadline::After(Clock::System(), seconds(60)));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("is suspended: 3 refused logins (28P01)") != std::string::npos);
  CHECK(f.server.login_count() == 0);
  f.other->ForgetRefused(7);
  CHECK(TwoProcesses::Hold(*pool));
}

}  // namespace
}  // namespace berth::pool
