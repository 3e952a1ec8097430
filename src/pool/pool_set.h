#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "pool/pool.h"

namespace berth::pool {

// The pools of one process, one a connection. Hears of changes after the catalog has committed. Safe from many threads.
class PoolSet {
 public:
  explicit PoolSet(Pool::Environment environment);
  ~PoolSet();  // closes all

  // The pool of options.connection_id; made if there is none, reconfigured if options.version is newer than what it has.
  std::shared_ptr<Pool> Get(PoolOptions options);
  // The connection is gone from the catalog: closes its pool aside. Unknown ids are fine.
  void Dropped(std::int64_t connection_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::pool
