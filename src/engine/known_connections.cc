#include "engine/known_connections.h"

#include <utility>

#include "base/try.h"

namespace berth::engine {

Result<KnownConnections::Known> KnownConnections::Find(std::string_view name, Deadline deadline) {
  // The version is read before what it stands for: a change in between is found at the next call.
  BERTH_ASSIGN(const auto version, store_.DataVersion());
  {
    const base::MutexLock lock(mutex_);
    if (version_ != version) by_name_.clear();
    version_ = version;
    if (const auto known = by_name_.find(name); known != by_name_.end()) return Known{version, known->second};
  }
  Known read{.version = version, .is = nullptr};
  {
    BERTH_ASSIGN(const auto transaction, store_.Begin(catalog::Access::kRead, deadline));
    BERTH_ASSIGN(auto found, transaction->FindConnection(name));
    if (!found) return read;
    read.is = std::make_shared<const catalog::Connection>(*std::move(found));
  }
  const base::MutexLock lock(mutex_);
  if (version_ != version) return read;
  if (by_name_.size() >= kMax) by_name_.clear();
  by_name_.insert_or_assign(std::string(name), read.is);
  return read;
}

}  // namespace berth::engine
