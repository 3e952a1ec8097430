#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "pool/pool.h"

// What is asked of a pool; Peers.java does the same in Java. Times in microseconds.
namespace berth::bench {

// A pool of `size` sessions that are all open.
std::shared_ptr<pool::Pool> OpenPool(session::SessionFactory& factory, pool::SlotLedger& ledger, std::size_t size,
                                     std::size_t open, const session::ConnectParams& params = {});

// Runs `step` over and over in each thread; the time of one, over all of them.
double Loop(int threads, std::chrono::milliseconds time, const std::function<void()>& step);

struct Waits {
  double p99 = 0, p999 = 0, worst = 0;  // of the wait for a session
  double fairness = 0;                  // loans of the slowest thread to those of the fastest
  double loan = 0;                      // time of one, over all threads
};
Waits MeasureWaits(pool::Pool& pool, int threads, std::chrono::microseconds hold, std::chrono::milliseconds time);

struct Spike {
  double ms = 0;
  std::size_t sessions = 0;  // at the end
};
// 50 requests of 2 ms at once on 5 open sessions of 50, logins of 150 ms.
Spike MeasureSpike();

// An acquire and a release.
void TakeAndReturn(pool::Pool& pool);
// SELECT 1 on a session of the pool, its value read: the number a parameter of a prepared statement, or in the text.
void SelectOne(pool::Pool& pool, bool prepared);

}  // namespace berth::bench
