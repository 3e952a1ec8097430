#include "pool/pool_set.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace berth::pool {

struct PoolSet::Impl {
  explicit Impl(Pool::Environment given) : environment(given) {}

  struct Entry {
    std::shared_ptr<Pool> pool;
    PoolOptions given;  // what it was made or reconfigured with last, for NewerThan alone
  };

  const Pool::Environment environment;
  mutable base::Mutex mutex;
  std::map<std::int64_t, Entry> pools BERTH_GUARDED_BY(mutex);
  std::vector<std::shared_ptr<Pool>> dropped BERTH_GUARDED_BY(mutex);  // until their last session has ended

  // Takes those out whose sessions have all ended; to be destroyed without the mutex, because their threads are joined.
  std::vector<std::shared_ptr<Pool>> TakeFinished() BERTH_REQUIRES(mutex) {
    const auto ended = std::partition(dropped.begin(), dropped.end(), [](const std::shared_ptr<Pool>& pool) {
      const PoolStats stats = pool->Stats();
      return stats.idle + stats.leased + stats.opening + stats.closing > 0;
    });
    std::vector<std::shared_ptr<Pool>> finished(std::make_move_iterator(ended), std::make_move_iterator(dropped.end()));
    dropped.erase(ended, dropped.end());
    return finished;
  }
};

PoolSet::PoolSet(Pool::Environment environment) : impl_(std::make_unique<Impl>(environment)) {}

PoolSet::~PoolSet() {
  std::vector<std::shared_ptr<Pool>> all;
  {
    const base::MutexLock lock(impl_->mutex);
    all = std::move(impl_->dropped);
    for (auto& [id, entry] : impl_->pools) all.push_back(std::move(entry.pool));
    impl_->pools.clear();
  }
  const Clock& clock = impl_->environment.clock;
  // All begin before any is waited for.
  for (const auto& pool : all) static_cast<void>(pool->Close(Deadline::At(clock.Now())).ok());
  const Deadline deadline = Deadline::After(clock, kCloseAllMax);
  for (const auto& pool : all) static_cast<void>(pool->Close(deadline).ok());
}

std::shared_ptr<Pool> PoolSet::Get(PoolOptions options) {
  std::vector<std::shared_ptr<Pool>> finished;  // dies after the lock
  const base::MutexLock lock(impl_->mutex);
  if (!impl_->dropped.empty()) finished = impl_->TakeFinished();
  auto& [pool, given] = impl_->pools[options.connection_id];
  if (pool == nullptr) {
    given = options;
    pool = Pool::Create(std::move(options), impl_->environment);
  } else if (options.NewerThan(given)) {
    given = options;
    pool->Reconfigure(std::move(options));
  }
  return pool;
}

std::shared_ptr<Pool> PoolSet::Find(std::int64_t connection_id) const {
  const base::MutexLock lock(impl_->mutex);
  const auto entry = impl_->pools.find(connection_id);
  return entry != impl_->pools.end() ? entry->second.pool : nullptr;
}

std::vector<PoolFacts> PoolSet::All() const {
  std::vector<PoolFacts> all;
  const base::MutexLock lock(impl_->mutex);
  for (const auto& [id, entry] : impl_->pools) all.push_back(entry.pool->Facts());
  return all;
}

void PoolSet::Dropped(std::int64_t connection_id) {
  std::vector<std::shared_ptr<Pool>> finished;
  std::shared_ptr<Pool> pool;
  {
    const base::MutexLock lock(impl_->mutex);
    finished = impl_->TakeFinished();
    if (const auto entry = impl_->pools.find(connection_id); entry != impl_->pools.end()) {
      pool = std::move(entry->second.pool);
      impl_->pools.erase(entry);
      // Sessions that remain are closed by the pool's own threads.
      if (!pool->Close(Deadline::At(impl_->environment.clock.Now())).ok()) impl_->dropped.push_back(pool);
    }
  }
  impl_->environment.ledger.Forget(connection_id);
}

}  // namespace berth::pool
