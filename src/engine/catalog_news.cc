#include "engine/catalog_news.h"

#include <utility>
#include <vector>

#include "base/try.h"
#include "engine/login.h"

namespace berth::engine {

// What the ledger's thread rings; it may do so once more after the ticket is gone.
struct CatalogNews::Bell {
  base::Mutex mutex;
  Watch* watch BERTH_GUARDED_BY(mutex) = nullptr;

  void Ring() {
    const base::MutexLock lock(mutex);
    if (watch != nullptr) watch->Poke();
  }
};

CatalogNews::CatalogNews(const Shared& shared, Watch& watch)
    : shared_(shared), watch_(watch), bell_(std::make_shared<Bell>()) {
  const base::MutexLock lock(bell_->mutex);
  bell_->watch = &watch;
}

CatalogNews::~CatalogNews() {
  {
    const base::MutexLock lock(bell_->mutex);
    bell_->watch = nullptr;
  }
  watch_.Remove(this);
}

void CatalogNews::Begin() {
  if (begun_) return;  // on the way of each lease
  {
    const base::MutexLock lock(mutex_);
    if (ticket_ != nullptr) return;
    if (auto version = shared_.store.DataVersion(); version.ok()) heard_ = version.value();
    begun_ = true;
    ticket_ = shared_.ledger.WatchCatalog([bell = bell_] { bell->Ring(); });
  }
  watch_.Add(this);
}

void CatalogNews::Tell() {
  {
    const base::MutexLock lock(mutex_);
    Hear();
  }
  shared_.ledger.BumpCatalogEpoch();
  watch_.Poke();  // conversations that are quiet look whether their session is to go back
}

void CatalogNews::Look(Clock::Steady) {
  const base::MutexLock lock(mutex_);
  const auto version = shared_.store.DataVersion();
  if (!version.ok() || version.value() == heard_) return;
  Hear();
}

void CatalogNews::Hear() {
  const auto version = shared_.store.DataVersion();  // before it is read: what comes meanwhile is heard again
  const auto pools = shared_.pools.All();
  if (!pools.empty()) {
    auto transaction = shared_.store.Begin(catalog::Access::kRead, Deadline::After(shared_.clock, kNewsWait));
    if (!transaction.ok()) return;
    for (const auto& pool : pools) {
      const auto found = transaction.value()->FindConnectionById(pool.connection_id);
      if (!found.ok()) return;
      if (found.value()) {
        shared_.pools.Get(PoolOptionsOf(shared_, *found.value()));
      } else {
        shared_.pools.Dropped(pool.connection_id);
      }
    }
  }
  if (version.ok()) heard_ = version.value();
}

}  // namespace berth::engine
