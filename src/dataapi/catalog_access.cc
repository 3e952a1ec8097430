#include "dataapi/catalog_access.h"

#include "base/log.h"
#include "base/try.h"

namespace berth::dataapi {
namespace {

std::optional<std::size_t> CountOf(const std::optional<std::int32_t>& count) {
  return count ? std::optional(static_cast<std::size_t>(*count)) : std::nullopt;
}

}  // namespace

Status CatalogAccess::Refresh() {
  BERTH_ASSIGN(const auto version, engine_.CatalogVersion());
  if (version_ == version) return {};
  keys_.clear();
  grants_.reset();
  version_ = version;
  return {};
}

// The version is read before what it stands for: a change in between is found at the next call.
Result<std::optional<AccessKey>> CatalogAccess::Find(std::string_view key_id) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(Refresh());
  if (const auto known = keys_.find(key_id); known != keys_.end()) return std::optional(known->second);
  BERTH_ASSIGN(auto read, engine_.FindAccessKey(key_id));
  if (!read) return std::optional<AccessKey>();
  AccessKey key{.user = std::move(read->user),
                .secret = std::move(read->secret),
                .disabled = !read->enabled,
                .expires_at = read->expires_at};
  if (keys_.size() >= kKeysMax) keys_.clear();
  keys_.insert_or_assign(std::string(key_id), key);
  return std::optional(std::move(key));
}

void CatalogAccess::Used(std::string_view key_id, Clock::Wall at) {
  {
    const base::MutexLock lock(mutex_);
    const auto last = noted_.find(key_id);
    if (last != noted_.end() && at - last->second < kUseNotedEvery) return;
    if (noted_.size() >= kKeysMax) noted_.clear();
    noted_.insert_or_assign(std::string(key_id), at);
  }
  const auto status = engine_.NoteKeyUse(key_id, at);
  if (!status.ok()) log::Debug("the use of an access key is not noted: {}", status.error().message);
}

std::optional<statements::CallerLimits> CatalogAccess::MayUse(std::string_view user, std::string_view connection) {
  const base::MutexLock lock(mutex_);
  if (!grants_) {
    if (!Refresh().ok()) return std::nullopt;
    auto read = engine_.Grants();
    if (!read.ok()) return std::nullopt;
    auto& grants = grants_.emplace();
    for (auto& grant : read.value()) {
      grants[{std::move(grant.user), std::move(grant.connection)}] = {.max_active = CountOf(grant.max_active),
                                                                      .max_concurrent = CountOf(grant.max_concurrent)};
    }
  }
  const auto found = grants_->find({std::string(user), std::string(connection)});
  return found == grants_->end() ? std::nullopt : std::optional(found->second);
}

}  // namespace berth::dataapi
