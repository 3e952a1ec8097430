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
    std::int64_t version = 0;
  };

  const Pool::Environment environment;
  base::Mutex mutex;
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
  auto& [pool, version] = impl_->pools[options.connection_id];
  if (pool == nullptr) {
    version = options.version;
    pool = Pool::Create(std::move(options), impl_->environment);
  } else if (options.version > version) {
    version = options.version;
    pool->Reconfigure(std::move(options));
  }
  return pool;
}

void PoolSet::Dropped(std::int64_t connection_id) {
  std::vector<std::shared_ptr<Pool>> finished;
  const base::MutexLock lock(impl_->mutex);
  finished = impl_->TakeFinished();
  const auto entry = impl_->pools.find(connection_id);
  if (entry == impl_->pools.end()) return;
  auto pool = std::move(entry->second.pool);
  impl_->pools.erase(entry);
  const Clock& clock = impl_->environment.clock;
  // Sessions that remain are closed by the pool's own threads.
  if (!pool->Close(Deadline::At(clock.Now())).ok()) impl_->dropped.push_back(std::move(pool));
}

}  // namespace berth::pool
