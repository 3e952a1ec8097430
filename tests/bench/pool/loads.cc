#include "bench/pool/loads.h"

#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/pool/stub.h"

namespace berth::bench {
namespace {

using std::chrono::milliseconds;
using Micros = std::chrono::duration<double, std::micro>;

constexpr int kStepsBetweenLooks = 16;  // at the clock
constexpr std::chrono::seconds kAcquireMax{30};

Deadline Soon() {
  return Deadline::After(Clock::System(), kAcquireMax);
}

pool::Lease Take(pool::Pool& pool) {
  auto lease = pool.Acquire(Soon());
  if (!lease.ok()) throw std::runtime_error(lease.error().message);
  return std::move(lease).value();
}

double Quantile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace

std::shared_ptr<pool::Pool> OpenPool(session::SessionFactory& factory, pool::SlotLedger& ledger, std::size_t size,
                                     std::size_t open, const session::ConnectParams& params) {
  pool::PoolOptions options;
  options.connection_id = 1;
  options.connection_name = "bench";
  options.sessions_max = size;
  options.params = [params](Deadline) -> Result<session::ConnectParams> { return params; };
  auto pool = pool::Pool::Create(std::move(options), {factory, ledger, Clock::System()});
  std::vector<pool::Lease> all(open);
  for (auto& lease : all) lease = Take(*pool);
  return pool;
}

double Loop(int threads, milliseconds time, const std::function<void()>& step) {
  const Clock& clock = Clock::System();
  std::barrier start(threads + 1);
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(threads));
  std::vector<std::thread> all;
  Clock::Steady end;
  for (auto& count : counts) {
    all.emplace_back([&] {
      start.arrive_and_wait();
      std::uint64_t own = 0;
      do {
        for (int i = 0; i < kStepsBetweenLooks; ++i) step();
        own += kStepsBetweenLooks;
      } while (clock.Now() < end);
      count = own;
    });
  }
  const auto began = clock.Now();
  end = began + time;
  start.arrive_and_wait();
  for (auto& thread : all) thread.join();
  const Micros took = clock.Now() - began;
  std::uint64_t sum = 0;
  for (const auto count : counts) sum += count;
  return took.count() / static_cast<double>(sum);
}

Waits MeasureWaits(pool::Pool& pool, int threads, std::chrono::microseconds hold, milliseconds time) {
  const Clock& clock = Clock::System();
  std::barrier start(threads + 1);
  std::vector<std::vector<double>> waited(static_cast<std::size_t>(threads));
  std::vector<std::thread> all;
  Clock::Steady end;
  for (auto& own : waited) {
    own.reserve(1U << 16U);
    all.emplace_back([&] {
      start.arrive_and_wait();
      for (auto now = clock.Now(); now < end; now = clock.Now()) {
        const auto lease = Take(pool);
        own.push_back(Micros(clock.Now() - now).count());
        Hold(hold);
      }
    });
  }
  const auto began = clock.Now();
  end = began + time;
  start.arrive_and_wait();
  for (auto& thread : all) thread.join();
  const Micros took = clock.Now() - began;
  std::vector<double> samples;
  std::size_t least = waited[0].size();
  std::size_t most = 0;
  for (const auto& own : waited) {
    samples.insert(samples.end(), own.begin(), own.end());
    least = std::min(least, own.size());
    most = std::max(most, own.size());
  }
  std::sort(samples.begin(), samples.end());
  return {.p99 = Quantile(samples, 0.99),
          .p999 = Quantile(samples, 0.999),
          .worst = samples.back(),
          .fairness = static_cast<double>(least) / static_cast<double>(most),
          .loan = took.count() / static_cast<double>(samples.size())};
}

Spike MeasureSpike() {
  constexpr std::size_t kRequests = 50;
  constexpr std::size_t kOpen = 5;
  const auto factory = StubFactory(milliseconds(150));
  const auto ledger = pool::MakeLocalLedger();
  const auto pool = OpenPool(*factory, *ledger, kRequests, kOpen);
  std::barrier start(kRequests + 1);
  std::vector<std::thread> all;
  for (std::size_t i = 0; i < kRequests; ++i) {
    all.emplace_back([&] {
      start.arrive_and_wait();
      const auto lease = Take(*pool);
      Hold(milliseconds(2));
    });
  }
  start.arrive_and_wait();
  const auto began = Clock::System().Now();
  for (auto& thread : all) thread.join();
  const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
  Hold(milliseconds(400));  // logins that are under way end
  const auto stats = pool->Stats();
  return {.ms = took.count(), .sessions = stats.idle + stats.leased + stats.opening};
}

void TakeAndReturn(pool::Pool& pool) {
  const auto lease = Take(pool);
}

void SelectOne(pool::Pool& pool, bool prepared) {
  const auto lease = Take(pool);
  static const std::vector<std::optional<std::string>> kOne = {"1"};
  auto outcome = lease->Execute(prepared ? "SELECT $1::int4" : "SELECT 1", prepared ? kOne : Parameters(), Soon());
  if (!outcome.ok()) throw std::runtime_error(outcome.error().message);
  auto& rows = outcome.value();
  auto row = rows->Next();
  if (!row.ok() || !row.value() || row.value()->front() != "1") throw std::runtime_error("SELECT 1 is not 1");
  if (row = rows->Next(); !row.ok() || row.value()) throw std::runtime_error("SELECT 1 has more rows");
}

}  // namespace berth::bench
