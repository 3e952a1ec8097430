#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "pool/pool.h"

namespace berth::pool {

// The pools of one process, one a connection. Hears of changes after the catalog has committed. Safe from many threads.
class PoolSet {
 public:
  explicit PoolSet(Pool::Environment environment);
  PoolSet(const PoolSet&) = delete;
  PoolSet& operator=(const PoolSet&) = delete;
  // Closes all, and waits up to kCloseAllMax for leases, which must be back by then: no thread and no descriptor is
  // left.
  ~PoolSet();

  // The pool of options.connection_id; made if there is none, reconfigured if options.version is newer than what it
  // has.
  std::shared_ptr<Pool> Get(PoolOptions options);
  std::shared_ptr<Pool> Find(std::int64_t connection_id) const;  // null: none was needed yet
  std::vector<PoolFacts> All() const;                            // by connection id
  // The connection is gone from the catalog: closes its pool aside. Unknown ids are fine.
  void Dropped(std::int64_t connection_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::chrono::milliseconds kCloseAllMax{15'000};  // longer than a login and a close

}  // namespace berth::pool
