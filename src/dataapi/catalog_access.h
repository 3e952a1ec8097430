#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "berth/engine.h"
#include "dataapi/key_ring.h"
#include "dataapi/permissions.h"

namespace berth::dataapi {

// Access keys and grants of the catalog's service users. What was read is kept until the catalog changes, so a key that
// is disabled and a grant that is revoked count at once, whichever process did it. Safe from many threads.
class CatalogAccess final : public KeyRing, public Permissions {
 public:
  explicit CatalogAccess(Engine& engine) : engine_(engine) {}  // which must outlive it

  Result<std::optional<AccessKey>> Find(std::string_view key_id) override;
  // Noted at most once in kUseNotedEvery a key; a catalog that cannot be written goes without it.
  void Used(std::string_view key_id, Clock::Wall at) override;
  // By the catalog as the last Find() found it, so that a request hears of one state of it and asks once. Where it
  // cannot be read, nobody may use anything.
  std::optional<statements::CallerLimits> MayUse(std::string_view user, std::string_view connection) override;

 private:
  // Forgets what is no longer so.
  Status Refresh() BERTH_REQUIRES(mutex_);

  static constexpr std::size_t kKeysMax = 10'000;  // kept; then they are read again

  Engine& engine_;
  base::Mutex mutex_;
  std::optional<std::int64_t> version_ BERTH_GUARDED_BY(mutex_);                 // of the catalog, as it was read
  std::map<std::string, AccessKey, std::less<>> keys_ BERTH_GUARDED_BY(mutex_);  // by id
  std::optional<std::map<std::pair<std::string, std::string>, statements::CallerLimits>> grants_
      BERTH_GUARDED_BY(mutex_);  // by user and connection
  std::map<std::string, Clock::Wall, std::less<>> noted_ BERTH_GUARDED_BY(mutex_);
};

inline constexpr std::chrono::minutes kUseNotedEvery{1};

}  // namespace berth::dataapi
