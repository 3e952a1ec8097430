#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "catalog/store.h"

namespace berth::engine {

// Connections as the catalog had them when they were last asked for; read anew where it has changed since. For those
// that open a conversation for every statement. Safe from many threads.
class KnownConnections {
 public:
  static constexpr std::size_t kMax = 1'000;

  explicit KnownConnections(catalog::Store& store) : store_(store) {}

  struct Known {
    std::int64_t version = 0;                       // of the catalog, that it was read at
    std::shared_ptr<const catalog::Connection> is;  // null: there is none of that name
  };
  // By its exact name. Errors: the catalog's.
  Result<Known> Find(std::string_view name, Deadline deadline);

 private:
  catalog::Store& store_;
  base::Mutex mutex_;
  std::int64_t version_ BERTH_GUARDED_BY(mutex_) = -1;
  std::map<std::string, std::shared_ptr<const catalog::Connection>, std::less<>> by_name_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::engine
