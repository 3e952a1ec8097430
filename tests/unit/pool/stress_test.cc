#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "pool_fixture.h"

namespace berth::pool {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 400;

// Real time, because threads race; nothing here depends on how fast.
struct Stress : PoolFixture {
  explicit Stress(std::size_t sessions_max) : PoolFixture(sessions_max) {}
  std::shared_ptr<Pool> MakeInRealTime() {
    return Pool::Create(options, {.factory = server, .ledger = *ledger, .clock = Clock::System()});
  }

  // One use of a session, ended in one of the ways there are.
  static void Use(Lease lease, std::minstd_rand& random) {
    auto& fake = Fake(lease);
    switch (random() % 10) {
      case 0:
        lease.Discard();
        break;
      case 1:
        fake.SetState(session::SessionState::kBroken);
        break;
      case 2:
        fake.SetStain(session::Stain::kObjects);
        break;
      case 3:
        fake.SetStain(session::Stain::kSettings);
        break;
      case 4:
        fake.SetState(session::SessionState::kInTransaction);
        break;
      case 5:
        fake.alive = false;
        break;
      default:
        break;
    }
  }
};

TEST_CASE("8 threads, sessions ended in every way: the server never has to refuse one, and nobody is left waiting") {
  Stress f(5);
  f.server.SetRoom(5);
  auto pool = f.MakeInRealTime();
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(static_cast<unsigned>(t + 1));
      for (int i = 0; i < kRounds; ++i) {
        auto lease = pool->Acquire(Deadline::Never());
        if (!lease.ok()) continue;
        ++served;
        Stress::Use(std::move(lease).value(), random);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(served == kThreads * kRounds);
  CHECK(f.server.refused_count() == 0);
  CHECK(f.server.open_most() == 5);
  CHECK(pool->Stats().leased <= 5);
  CHECK(pool->Close(Deadline::Never()).ok());
  CHECK(f.server.open() == 0);
}

TEST_CASE("8 threads while cap and login change, logins fail and waits are cancelled: never above the largest cap") {
  Stress f(3);
  auto pool = f.MakeInRealTime();
  std::atomic<bool> stop{false};
  std::atomic<int> ended{0};
  std::vector<std::thread> threads;
  std::array<Cancellation, kThreads> cancellations;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(static_cast<unsigned>(t + 100));
      auto& cancellation = cancellations.at(static_cast<std::size_t>(t));
      for (int i = 0; i < kRounds; ++i) {
        cancellation.Reset();
        const Deadline deadline = random() % 4 == 0 ? Deadline::After(Clock::System(), milliseconds(random() % 3))
                                                    : Deadline::After(Clock::System(), seconds(30));
        auto lease = pool->Acquire({.deadline = deadline, .cancellation = &cancellation, .label = "stress"});
        ++ended;
        if (lease.ok()) Stress::Use(std::move(lease).value(), random);
      }
    });
  }
  std::thread alters([&] {
    std::minstd_rand random(7);
    for (int mark = 0; !stop; mark += 5) {
      REQUIRE(Eventually([&] { return stop || ended >= mark; }));  // an error a few uses, not a storm of them
      ++f.options.version;
      f.options.sessions_max = 1 + random() % 6;
      if (random() % 3 == 0) ++f.options.login_version;
      pool->Reconfigure(f.options);
      const Error errors[] = {Refused(), Unreachable(), NoRoom()};
      if (random() % 8 == 0) f.server.ScriptLogin(errors[random() % 3]);
      cancellations.at(random() % kThreads).Cancel();
      static_cast<void>(pool->Stats());
    }
    ++f.options.login_version;  // so that none stays suspended
    ++f.options.version;
    pool->Reconfigure(f.options);
  });
  REQUIRE(Eventually([&] { return ended >= kThreads * kRounds / 2; }));
  stop = true;
  alters.join();
  for (auto& thread : threads) thread.join();
  CHECK(ended == kThreads * kRounds);
  CHECK(f.server.open_most() <= 6);
  CHECK(pool->Stats().waiting == 0);
  pool.reset();
  CHECK(f.server.open() == 0);
}

TEST_CASE("Close among 8 threads: every one ends, none with a session afterwards") {
  for (int round = 0; round < 20; ++round) {
    Stress f(3);
    auto pool = f.MakeInRealTime();
    std::atomic<int> uses{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::minstd_rand random(static_cast<unsigned>(t + round * 10 + 1));
        for (;;) {
          auto lease = pool->Acquire(Deadline::Never());
          if (!lease.ok()) {
            CHECK(lease.error().code == ErrorCode::kNotFound);
            return;
          }
          ++uses;
          Stress::Use(std::move(lease).value(), random);
        }
      });
    }
    REQUIRE(Eventually([&] { return uses > 20; }));
    CHECK(pool->Close(Deadline::Never()).ok());
    CHECK(f.server.open() == 0);
    for (auto& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace berth::pool
