#include "credentials/credential_cache.h"

#include <utility>

#include "base/try.h"

namespace berth::credentials {

std::shared_ptr<CredentialCache::Entry> CredentialCache::EntryOf(std::int64_t connection_id) {
  const base::MutexLock lock(mutex_);
  auto& entry = entries_[connection_id];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

Result<Credential> CredentialCache::Get(std::int64_t connection_id, std::int64_t login_version, const Clock& clock,
                                        const Fetch& fetch) {
  const auto entry = EntryOf(connection_id);
  const base::MutexLock lock(entry->mutex);
  const auto now = clock.WallNow();
  if (entry->login_version == login_version && now < entry->renew_at) return entry->credential;
  BERTH_ASSIGN(auto fetched, fetch());
  entry->login_version = login_version;
  // Four fifths of its life; a life may be so long that four times it would not fit.
  entry->renew_at = fetched.expires ? now + (*fetched.expires - now) / 5 * 4 : Clock::Wall::min();
  entry->credential = fetched.expires ? fetched : Credential();  // what never ends is not kept
  return fetched;
}

void CredentialCache::Forget(std::int64_t connection_id) {
  const base::MutexLock lock(mutex_);
  entries_.erase(connection_id);
}

}  // namespace berth::credentials
