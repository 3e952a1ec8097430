#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "pool_fixture.h"
#include "support/temp_dir.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The children that are forked here start a thread of their own.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "die_after_fork=0";
}
#endif
#endif

namespace berth::pool {
namespace {

using test::TempDir;

// Two ledgers on one folder exclude one another as those of two processes do.
struct HostFixture {
  std::unique_ptr<SlotLedger> MakeLedger(std::uint64_t catalog_id = 1) const {
    return MakeHostLedger({.folder = dir / "slots", .program = "test-program", .catalog_id = catalog_id});
  }
  static std::optional<Slot> Take(SlotLedger& ledger, std::size_t cap, std::int64_t version = 0,
                                  Ticket* ticket = nullptr) {
    auto taken = ledger.TryTake({.connection_id = 7, .cap = cap, .version = version, .ticket = ticket});
    if (!taken.ok()) FAIL(taken.error().message);
    return std::move(taken).value();
  }
  // How many more can be had.
  static std::size_t Room(SlotLedger& ledger, std::size_t cap, std::int64_t version = 0) {
    std::vector<Slot> taken;
    while (auto slot = Take(ledger, cap, version)) taken.push_back(std::move(*slot));
    return taken.size();
  }

  TempDir dir;
  std::unique_ptr<SlotLedger> one = MakeLedger();
  std::unique_ptr<SlotLedger> two = MakeLedger();
};

// A forked child with a ledger of its own that has taken `count` slots and sits there. Ends with the test.
class Holder {
 public:
  Holder(const HostFixture& fixture, std::size_t count, std::size_t cap, std::int32_t backend_pid = 0) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      auto ledger = fixture.MakeLedger();
      std::vector<Slot> slots;
      for (std::size_t i = 0; i < count; ++i) {
        auto slot = HostFixture::Take(*ledger, cap);
        if (!slot) ::_exit(1);
        if (backend_pid != 0) (*slot)->Opened(backend_pid, 99);
        if (backend_pid != 0) (*slot)->Note(SlotState::kBusy, Clock::System().Now());
        slots.push_back(std::move(*slot));
      }
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ready[1]);
    char got = 0;
    REQUIRE(::read(ready[0], &got, 1) == 1);
    ::close(ready[0]);
  }
  ~Holder() { Kill(); }
  void Signal(int number) const { ::kill(pid_, number); }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

TEST_CASE_FIXTURE(HostFixture, "two ledgers of a folder share the cap; each slot comes back when it is given back") {
  auto a = Take(*one, 2);
  auto b = Take(*two, 2);
  REQUIRE(a);
  REQUIRE(b);
  CHECK_FALSE(Take(*one, 2));
  CHECK_FALSE(Take(*two, 2));
  CHECK(one->TryTake({.connection_id = 8, .cap = 2}).value().has_value());
  b.reset();
  CHECK(Take(*one, 2));
  CHECK_FALSE(a->operator->()->orphan());
  two.reset();
  one.reset();  // a slot may outlive its ledger
  a.reset();
  CHECK(Room(*MakeLedger(), 2) == 2);
}

TEST_CASE_FIXTURE(HostFixture, "the line goes over all ledgers: nobody passes the first, tickets or not") {
  auto held = Take(*one, 1);
  auto first = two->StandInLine(7, [] {});
  auto second = one->StandInLine(7, [] {});
  auto third = one->StandInLine(7, [] {});
  held.reset();
  CHECK_FALSE(Take(*one, 1));
  CHECK_FALSE(Take(*two, 1));
  CHECK_FALSE(Take(*one, 1, 0, second.value().get()));
  held = Take(*two, 1, 0, first.value().get());
  REQUIRE(held);
  first.value().reset();
  held.reset();
  CHECK_FALSE(Take(*one, 1, 0, third.value().get()));
  CHECK(Take(*one, 1, 0, second.value().get()));
  second.value().reset();
  CHECK(Take(*one, 1, 0, third.value().get()));
}

TEST_CASE_FIXTURE(HostFixture, "the first in line is woken when another ledger gives a slot back") {
  std::atomic<int> woken{0};
  auto held = Take(*one, 1);
  auto ticket = two->StandInLine(7, [&] { ++woken; });
  CHECK_FALSE(Take(*two, 1, 0, ticket.value().get()));
  held.reset();
  CHECK(Eventually([&] { return woken > 0; }));
  CHECK(Take(*two, 1, 0, ticket.value().get()));
}

TEST_CASE_FIXTURE(HostFixture, "who holds slots hears that others wait, and how many") {
  std::atomic<int> pressed{0};
  auto watch = one->WatchPressure(7, [&] { ++pressed; });
  auto held = Take(*one, 1);
  CHECK_FALSE((*held)->pressed());
  CHECK(one->LookAtLine(7).waiting == 0);
  auto ticket = two->StandInLine(7, [] {});
  auto another = two->StandInLine(7, [] {});
  CHECK((*held)->pressed());
  CHECK(Eventually([&] { return pressed > 0; }));
  CHECK(one->LookAtLine(7).waiting == 2);
  CHECK(two->LookAtLine(7).waiting == 0);  // its own are not others'
  CHECK(one->LookAtLine(7).cap == 1);
  CHECK(one->MayYield(7, CapOf::kConnection, seconds(10)));
  CHECK_FALSE(two->MayYield(7, CapOf::kConnection, seconds(10)));
}

TEST_CASE_FIXTURE(HostFixture, "a change of the catalog is heard of by every ledger that watches, also without slots") {
  std::atomic<int> heard{0};
  const auto watch = one->WatchCatalog([&] { ++heard; });
  const std::uint64_t before = one->CatalogEpoch();
  two->BumpCatalogEpoch();
  CHECK(one->CatalogEpoch() == before + 1);
  CHECK(Eventually([&] { return heard == 1; }));
  one->BumpCatalogEpoch();
  CHECK(Eventually([&] { return heard == 2; }));
}

TEST_CASE_FIXTURE(HostFixture, "a dropped connection's file is removed by whoever closes it last") {
  auto held = Take(*two, 2);
  CHECK(Take(*one, 2));
  const std::string path = dir / "slots/7";
  one->Forget(7);
  CHECK(std::ifstream(path).good());
  held.reset();
  two.reset();
  CHECK_FALSE(std::ifstream(path).good());
  CHECK(Take(*one, 2));  // an id that comes back, with a catalog from a backup, starts anew
  one->Forget(8);
  CHECK_FALSE(std::ifstream(dir / "slots/8").good());
}

TEST_CASE_FIXTURE(HostFixture, "a look makes no file, and leaves none open that another ledger has made") {
  const auto open_files = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto look = [this] {
    CHECK(one->Slots(7).empty());
    CHECK(one->SlotsOfGroup(7).empty());
    CHECK(one->Refused(7, 1).count == 0);
    one->ForgetRefused(7);
  };
  look();
  CHECK_FALSE(std::filesystem::exists(dir / "slots"));

  const auto slot = Take(*two, 3);
  REQUIRE(slot);
  const auto last = two->NoteRefused(7, 1, {.count = 1, .since = {}, .sqlstate = "28P01"});
  CHECK(last.count == 1);
  CHECK(one->Slots(7).size() == 1);
  const auto before = open_files();
  const auto slots = one->Slots(7);
  REQUIRE(slots.size() == 1);
  CHECK(slots.front().alive);
  CHECK_FALSE(slots.front().own);
  CHECK(one->Refused(7, 1).count == 1);
  one->ForgetRefused(7);
  CHECK(two->Refused(7, 1).count == 0);
  CHECK(open_files() == before);
}

TEST_CASE_FIXTURE(HostFixture, "slots that are bequeathed last as long as the program that was started with them") {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto own = MakeLedger();
    auto slot = Take(*own, 1);
    if (!(*slot)->Bequeath("sleep").ok()) ::_exit(1);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::execl("/bin/sleep", "sleep", "60", nullptr);
    ::_exit(1);
  }
  char got = 0;
  REQUIRE(::read(ready[0], &got, 1) == 1);
  ::close(ready[0]);
  ::close(ready[1]);
  const std::string name = "/proc/" + std::to_string(child) + "/comm";
  CHECK(Eventually([&] {
    std::string comm;
    std::ifstream(name) >> comm;
    return comm == "sleep";
  }));
  CHECK_FALSE(Take(*one, 1));
  CHECK(one->Slots(7).front().alive);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(Take(*one, 1));
}

TEST_CASE_FIXTURE(HostFixture, "a killed holder's slots are free at once, as orphans, and are taken last") {
  Holder holder(*this, 2, 3, 4711);
  CHECK(one->Slots(7).size() == 2);
  CHECK(one->Slots(7)[0].alive);
  CHECK(one->Slots(7)[0].pid == holder.pid());
  CHECK(one->Slots(7)[0].program == "test-program");
  CHECK(one->Slots(7)[0].state == SlotState::kBusy);
  CHECK(one->Slots(7)[0].uid == ::geteuid());
  CHECK(Room(*one, 3) == 1);
  holder.Kill();
  CHECK_FALSE(one->Slots(7)[0].alive);
  auto clean = Take(*one, 3);
  auto orphan = Take(*two, 3);
  REQUIRE(clean);
  REQUIRE(orphan);
  CHECK_FALSE((*clean)->orphan());
  REQUIRE((*orphan)->orphan());
  CHECK((*orphan)->orphan()->backend_pid == 4711);
  CHECK((*orphan)->orphan()->cancel_key == 99);
  orphan.reset();
  CHECK(Room(*one, 3) == 2);
  CHECK(one->Slots(7).size() == 1);  // given back in order: no orphan any more
}

TEST_CASE_FIXTURE(HostFixture, "a stopped holder keeps its slots") {
  Holder holder(*this, 1, 1);
  holder.Signal(SIGSTOP);
  CHECK_FALSE(Take(*one, 1));
  CHECK(one->Slots(7)[0].alive);
  holder.Signal(SIGCONT);
  holder.Kill();
  CHECK(Take(*one, 1));
}

TEST_CASE_FIXTURE(HostFixture, "a killed first in line holds nobody up, and its hint is taken back") {
  auto held = Take(*one, 1);
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto ledger = MakeLedger();
    auto ticket = ledger->StandInLine(7, [] {});
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char got = 0;
  REQUIRE(::read(ready[0], &got, 1) == 1);
  ::close(ready[0]);
  CHECK(one->LookAtLine(7).waiting == 1);
  auto ticket = two->StandInLine(7, [] {});
  held.reset();
  CHECK_FALSE(Take(*two, 1, 0, ticket.value().get()));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  held = Take(*two, 1, 0, ticket.value().get());
  CHECK(held);
  ticket.value().reset();
  CHECK(Eventually([&] { return !(*held)->pressed(); }));
}

TEST_CASE_FIXTURE(HostFixture, "the newest definition's cap counts in every process") {
  auto a = Take(*one, 2, 1);
  auto b = Take(*one, 2, 1);
  two->Announce({.connection_id = 7, .cap = 4, .version = 2});
  CHECK(Room(*one, 2, 1) == 2);  // it has not heard of it yet
  two->Announce({.connection_id = 7, .cap = 2, .version = 3});
  CHECK(Room(*one, 4, 2) == 0);
  CHECK(one->LookAtLine(7).cap == 2);
}

TEST_CASE_FIXTURE(HostFixture, "below a lowered cap no slot comes free before those above it are back") {
  std::vector<Slot> held;
  for (int i = 0; i < 5; ++i) held.push_back(std::move(*Take(i % 2 == 0 ? *one : *two, 5, 1)));
  two->Announce({.connection_id = 7, .cap = 2, .version = 2});
  held.erase(held.begin());  // 4 are out, with slot 0 free
  CHECK(Room(*one, 2, 2) == 0);
  held.erase(held.begin(), held.begin() + 2);
  CHECK(Room(*one, 2, 2) == 0);  // 2 are out, both above
  held.pop_back();
  CHECK(Room(*two, 2, 2) == 1);
}

TEST_CASE_FIXTURE(HostFixture, "another catalog under the same path: what the old one had set is forgotten") {
  two->Announce({.connection_id = 7, .cap = 1, .version = 50});
  two->NoteRefused(7, 5, {.sqlstate = "28P01"});
  two.reset();
  CHECK(Room(*MakeLedger(2), 3, 1) == 3);
}

TEST_CASE_FIXTURE(HostFixture, "refused passwords are counted over all ledgers, until the login changes") {
  const Clock::Wall first(seconds(1'700'000'000));
  CHECK(one->NoteRefused(7, 1, {.since = first, .sqlstate = "28P01"}).count == 1);
  CHECK(two->NoteRefused(7, 1, {.since = first + seconds(5), .sqlstate = "28000"}).count == 2);
  CHECK(one->Refused(7, 1).count == 2);
  CHECK(one->Refused(7, 1).since == first);
  CHECK(one->Refused(7, 1).sqlstate == "28000");
  CHECK(one->Refused(7, 2).count == 0);
  CHECK(one->NoteRefused(7, 2, {.since = first, .sqlstate = "28P01"}).count == 1);
  two->ForgetRefused(7);
  CHECK(one->Refused(7, 2).count == 0);
}

TEST_CASE_FIXTURE(HostFixture, "a forked child can use nothing of its parent's, and keeps none of its slots alive") {
  auto held = Take(*one, 1);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto refused = one->TryTake({.connection_id = 7, .cap = 2});
    const bool told = !refused.ok() && refused.error().code == ErrorCode::kFailedPrecondition;
    held.reset();  // has no effect
    auto own = MakeLedger();
    const bool none = !own->TryTake({.connection_id = 7, .cap = 1}).value().has_value();
    ::_exit(told && none ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK_FALSE(Take(*two, 1));

  // While another child sits there.
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t sits = ::fork();
  if (sits == 0) {
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char got = 0;
  REQUIRE(::read(ready[0], &got, 1) == 1);
  ::close(ready[0]);
  held.reset();
  CHECK(Take(*two, 1));
  ::kill(sits, SIGKILL);
  ::waitpid(sits, nullptr, 0);
}

TEST_CASE_FIXTURE(HostFixture, "a folder or a file that cannot be used is an error that names it") {
  std::ofstream(dir / "file") << "x";
  const auto no_folder = MakeHostLedger({.folder = dir / "file"})->TryTake({.connection_id = 7, .cap = 1});
  REQUIRE_FALSE(no_folder.ok());
  CHECK(no_folder.error().code == ErrorCode::kCatalogUnavailable);
  CHECK(no_folder.error().message.find(dir / "file") != std::string::npos);
  CHECK(Room(*one, 1) == 1);
  std::ofstream(dir / "slots/8") << "this is something else";
  const auto no_file = one->TryTake({.connection_id = 8, .cap = 1});
  REQUIRE_FALSE(no_file.ok());
  CHECK(no_file.error().code == ErrorCode::kCatalogCorrupt);
  CHECK((std::filesystem::status(dir / "slots").permissions() & std::filesystem::perms::all) ==
        std::filesystem::perms::owner_all);
}

TEST_CASE_FIXTURE(HostFixture, "8 threads on 4 ledgers: never more out than the cap, all served in the end") {
  constexpr int kThreads = 8;
  constexpr int kUses = 300;
  constexpr int kCap = 3;
  std::vector<std::unique_ptr<SlotLedger>> ledgers;
  for (int i = 0; i < 4; ++i) ledgers.push_back(MakeLedger());
  std::atomic<int> out{0};
  std::atomic<int> over{0};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      SlotLedger& ledger = *ledgers[static_cast<std::size_t>(t % 4)];
      for (int i = 0; i < kUses; ++i) {
        const auto woken = std::make_shared<std::atomic<int>>(1);
        auto ticket = ledger.StandInLine(7, [woken] {
          *woken = 1;
          woken->notify_one();
        });
        auto slot = Take(ledger, kCap, 0, ticket.value().get());
        while (!slot) {
          woken->wait(0);
          *woken = 0;
          slot = Take(ledger, kCap, 0, ticket.value().get());
        }
        if (++out > kCap) ++over;
        (*slot)->Note(SlotState::kBusy, Clock::System().Now());
        if (i % 2 == 0) ticket.value().reset();
        --out;
        slot.reset();
        ++served;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(over == 0);
  CHECK(served == kThreads * kUses);
  CHECK(Room(*one, kCap) == kCap);
}

}  // namespace
}  // namespace berth::pool
