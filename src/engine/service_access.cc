#include "engine/service_access.h"

#include <utility>

#include "base/try.h"
#include "engine/last_use.h"

namespace berth::engine {

Result<std::optional<AccessKeyFacts>> ReadAccessKey(const Shared& shared, std::string_view id) {
  BERTH_ASSIGN(const auto transaction,
               shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, Deadline::Never())));
  BERTH_ASSIGN(auto key, transaction->FindAccessKey(id));
  if (!key) return std::optional<AccessKeyFacts>();
  BERTH_ASSIGN(auto secret, transaction->OpenAccessKey(*key));
  return std::optional(AccessKeyFacts{.user = std::move(key->user_name),
                                      .secret = std::move(secret),
                                      .enabled = key->enabled,
                                      .expires_at = key->expires_at});
}

Status NoteKeyUse(const Shared& shared, std::string_view id, Clock::Wall at) {
  BERTH_ASSIGN(const auto transaction,
               shared.store.Begin(catalog::Access::kWrite, Deadline::After(shared.clock, kUseNoteWaitMax)));
  BERTH_TRY(transaction->NoteKeyUse(id, at));
  return transaction->Commit();
}

Result<std::vector<GrantFacts>> ReadGrants(const Shared& shared) {
  BERTH_ASSIGN(const auto transaction,
               shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, Deadline::Never())));
  BERTH_ASSIGN(auto listed, transaction->ListGrants());
  std::vector<GrantFacts> grants;
  for (auto& grant : listed) {
    grants.push_back({.user = std::move(grant.user_name),
                      .connection = std::move(grant.connection_name),
                      .max_active = grant.max_active,
                      .max_concurrent = grant.max_concurrent});
  }
  return grants;
}

}  // namespace berth::engine
