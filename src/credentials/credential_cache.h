#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "credentials/credential.h"

namespace berth::credentials {

// Credentials that end are asked for again at 80 % of their life, all others at each login. Safe from many threads; one
// asks for a connection at a time, the others wait for what he gets.
class CredentialCache {
 public:
  using Fetch = std::function<Result<Credential>()>;

  // `login_version`: a credential that was fetched for an older one is not used.
  Result<Credential> Get(std::int64_t connection_id, std::int64_t login_version, const Clock& clock,
                         const Fetch& fetch);
  // The server refused it: the next Get fetches.
  void Forget(std::int64_t connection_id);

 private:
  struct Entry {
    base::Mutex mutex;  // held while fetching
    std::int64_t login_version BERTH_GUARDED_BY(mutex) = -1;
    Clock::Wall renew_at BERTH_GUARDED_BY(mutex){};
    Credential credential BERTH_GUARDED_BY(mutex);
  };
  std::shared_ptr<Entry> EntryOf(std::int64_t connection_id);

  base::Mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<Entry>> entries_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::credentials
