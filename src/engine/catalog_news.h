#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/mutex.h"
#include "engine/shared.h"
#include "engine/watch.h"
#include "pool/slot_ledger.h"

namespace berth::engine {

// Changes of the catalog, carried to the pools of this process: those that other processes commit within a second,
// those of this one at once. Safe from many threads.
class CatalogNews final : private Watch::Subject {
 public:
  CatalogNews(const Shared& shared, Watch& watch);
  CatalogNews(const CatalogNews&) = delete;
  CatalogNews& operator=(const CatalogNews&) = delete;
  ~CatalogNews() override;

  // From now on changes are heard; the first call counts. To be called before the first pool is made.
  void Begin();
  // This process has committed a change of connections: its own pools hear of it before this returns, other processes
  // are told.
  void Tell();

 private:
  struct Bell;

  void Look(Clock::Steady now) override;
  // Reads the connections that have pools here, and hands on what they are now. What cannot be read now is read at the
  // next look.
  void Hear() BERTH_REQUIRES(mutex_);

  const Shared& shared_;
  Watch& watch_;
  const std::shared_ptr<Bell> bell_;  // self-synchronised
  std::atomic<bool> begun_{false};
  base::Mutex mutex_;  // one hears at a time, so that nothing older comes after
  std::unique_ptr<pool::Ticket> ticket_ BERTH_GUARDED_BY(mutex_);
  std::int64_t heard_ BERTH_GUARDED_BY(mutex_) = -1;  // the catalog's data version
};

// How long a look may wait for the catalog; it is read again a second later.
inline constexpr std::chrono::milliseconds kNewsWait{500};

}  // namespace berth::engine
